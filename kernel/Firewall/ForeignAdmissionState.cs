namespace Networking.Kernel;

/// <summary>
/// One rule of ours at the head of somebody else's forward chain that drops by default: packets with our mark, which our
/// own chain gave them just before, are accepted (DESIGN 4, "Ours and not ours"). The only thing we ever put into a foreign
/// chain; it is known by its comment, and taken out again by its handle.
/// </summary>
public sealed record ForeignAdmissionState : KernelObject
{
    /// <summary>Family of the foreign table as nft writes it: <c>ip</c>, <c>ip6</c> or <c>inet</c>.</summary>
    public required string Family { get; init; }

    /// <summary>The foreign table, such as <c>filter</c>.</summary>
    public required string Table { get; init; }

    /// <summary>The chain: the base chain itself, or one that tools keep for users and that it jumps to first, such as <c>DOCKER-USER</c>.</summary>
    public required string Chain { get; init; }

    /// <summary>Bits of the packet's mark that our forward chain sets.</summary>
    public required uint Mark { get; init; }

    /// <inheritdoc/>
    public override ObjectKey Key => new(Namespace, ObjectKind.ForeignAdmission, $"{Family} {Table} {Chain}");

    /// <inheritdoc/>
    public override Difference CompareTo(KernelObject observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var other = (ForeignAdmissionState)observed;
        return Mark == other.Mark ? Difference.None : new Difference(DifferenceKind.Replace, [$"mark 0x{other.Mark:x8} → 0x{Mark:x8}"]);
    }

    /// <inheritdoc/>
    public override string Describe() => $"rule in {Family} {Table} {Chain}: meta mark & 0x{Mark:x8} == 0x{Mark:x8} accept";
}
