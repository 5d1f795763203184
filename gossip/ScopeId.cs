using System.Buffers.Binary;
using System.Globalization;
using Networking.Model;

namespace Networking.Gossip;

/// <summary>
/// How far a row spreads: to the nodes attached to a network, or to the whole cluster. A network's id as four numbers,
/// because a node compares them for each message.
/// </summary>
/// <param name="A">The first eight bytes of the id.</param>
/// <param name="B">The next.</param>
/// <param name="C">The next.</param>
/// <param name="D">The last.</param>
public readonly record struct ScopeId(ulong A, ulong B, ulong C, ulong D) : IComparable<ScopeId>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 32;

    private const int HexDigits = 2 * Length;

    /// <summary>Every member: who is attached to what is told here.</summary>
    public static ScopeId Cluster => default;

    /// <summary>True for <see cref="Cluster"/>.</summary>
    public bool IsCluster => this == Cluster;

    /// <summary>The scope of a network.</summary>
    /// <param name="network">64 hex digits.</param>
    /// <exception cref="ArgumentException">It is not an id of a network.</exception>
    public static ScopeId Of(NetworkId network) => TryParse(network.Value, out var scope) && !scope.IsCluster
        ? scope
        : throw new ArgumentException($"'{network.Value}' is no network id: 64 hex digits, not all zero.", nameof(network));

    /// <summary>Reads 64 hex digits.</summary>
    public static bool TryParse(string? text, out ScopeId scope)
    {
        scope = default;
        if (text?.Length != HexDigits || !Part(text, 0, out var a) || !Part(text, 16, out var b) || !Part(text, 32, out var c) || !Part(text, 48, out var d))
        {
            return false;
        }

        scope = new ScopeId(a, b, c, d);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ScopeId other) =>
        A != other.A ? A.CompareTo(other.A) : B != other.B ? B.CompareTo(other.B) : C != other.C ? C.CompareTo(other.C) : D.CompareTo(other.D);

    /// <inheritdoc/>
    public override string ToString() => $"{A:x16}{B:x16}{C:x16}{D:x16}";

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
    }

    internal static ScopeId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    private static bool Part(string text, int at, out ulong part) =>
        ulong.TryParse(text.AsSpan(at, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out part);
}
