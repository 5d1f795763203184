namespace Networking.Model;

/// <summary>What the node that keeps the cluster's pool must not forget of it.</summary>
public sealed record RingRecord
{
    /// <summary>The format that this build writes.</summary>
    public const int FormatNow = 1;

    /// <summary>Which format it was written in.</summary>
    public int Format { get; init; } = FormatNow;

    /// <summary>The greatest generation the node has been in; 0 at first.</summary>
    public uint Generation { get; init; }

    /// <summary>The number of its last commit that was, or may have been, made.</summary>
    public ulong Renewal { get; init; }

    /// <summary>The start whose commits these are.</summary>
    public ulong Run { get; init; }

    /// <summary>A later start that has begun, or may have; 0 if there is none.</summary>
    public ulong NextRun { get; init; }

    /// <summary>All records of who owns what, and the pool, as the ring's codec writes them; none before the first commit.</summary>
    public ReadOnlyMemory<byte> Register { get; init; }

    /// <inheritdoc/>
    public bool Equals(RingRecord? other) => other is not null
        && (Format, Generation, Renewal, Run, NextRun) == (other.Format, other.Generation, other.Renewal, other.Run, other.NextRun)
        && Register.Span.SequenceEqual(other.Register.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Generation, Renewal, Run, Register.Length);
}
