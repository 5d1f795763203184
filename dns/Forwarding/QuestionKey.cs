using System.Buffers.Binary;

namespace Networking.Dns;

/// <summary>What makes two questions the same: who would be asked, name, type, class, and the bits that change an answer.</summary>
internal sealed class QuestionKey : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    /// <summary>Longest key without EDNS options in bytes.</summary>
    public const int BytesMax = FixedBytes + NameWire.BytesMax;

    private const int FixedBytes = 10;
    private const ushort FlagsThatMatter = DnsHeader.RecursionDesired | DnsHeader.AuthenticData | DnsHeader.CheckingDisabled;

    public static QuestionKey Comparer { get; } = new();

    /// <summary>Writes the key.</summary>
    /// <param name="group">Number of the servers that would be asked.</param>
    /// <param name="query">The question.</param>
    /// <param name="key">At least <see cref="BytesMax"/>.</param>
    /// <returns>Its length in bytes.</returns>
    public static int Write(int group, in DnsQuery query, Span<byte> key)
    {
        BinaryPrimitives.WriteInt32LittleEndian(key, group);
        BinaryPrimitives.WriteUInt16LittleEndian(key[4..], (ushort)query.Type);
        BinaryPrimitives.WriteUInt16LittleEndian(key[6..], query.Class);
        var bits = query.Header.Flags & FlagsThatMatter;
        bits |= query.Edns is { } edns ? 1 | (edns.WantsSignatures ? 2 : 0) : 0;
        BinaryPrimitives.WriteUInt16LittleEndian(key[8..], (ushort)bits);
        NameWire.ToLower(query.Name, key[FixedBytes..]);
        return FixedBytes + query.Name.Length;
    }

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = default(HashCode); // seeded anew in each process, so nobody can choose names that collide
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }
}
