using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Networking.Gossip.Wire;

/// <summary>One key of the ring. Its text hides it.</summary>
public sealed class GossipKey : IDisposable
{
    /// <summary>Bytes of a key: AES-128 or AES-256.</summary>
    public static ImmutableArray<int> Lengths { get; } = [16, 32];

    /// <summary>Takes a key.</summary>
    /// <param name="bytes">16 or 32 random bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public GossipKey(ReadOnlySpan<byte> bytes)
    {
        if (!Lengths.Contains(bytes.Length))
        {
            throw new ArgumentException($"A gossip key has 16 or 32 bytes, not {bytes.Length}. Make one: openssl rand -base64 32", nameof(bytes));
        }

        Cipher = new AesGcm(bytes, FrameCodec.SealLength);
        Span<byte> hash = stackalloc byte[32];
        _ = SHA256.HashData([.. "netd gossip key tag"u8, .. bytes], hash);
        Tag = BinaryPrimitives.ReadUInt16LittleEndian(hash);
    }

    /// <summary>Two bytes by which a receiver finds the key; they tell nothing of it.</summary>
    public ushort Tag { get; }

    internal AesGcm Cipher { get; }

    /// <inheritdoc/>
    public void Dispose() => Cipher.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"gossip key {Tag:x4}";
}

/// <summary>
/// The keys of the cluster: all are accepted, one seals. A new key is added everywhere, then seals, then the old one goes:
/// at no moment does a node send what another cannot open. Immutable.
/// </summary>
/// <param name="Keys">One to three, no two with the same tag.</param>
/// <param name="Primary">Which of them seals.</param>
public sealed record Keyring(ImmutableArray<GossipKey> Keys, int Primary)
{
    /// <summary>The old, the present and the next.</summary>
    public const int KeysMax = 3;

    /// <summary>The key that seals.</summary>
    public GossipKey Sealing => Keys[Primary];

    /// <summary>Everything wrong with the ring; empty if it can be used.</summary>
    public ImmutableArray<string> Problems() =>
    [
        .. Keys.Length is < 1 or > KeysMax ? [$"A keyring has one to {KeysMax} keys, not {Keys.Length}."] : Array.Empty<string>(),
        .. Primary < 0 || Primary >= Keys.Length ? [$"Key {Primary} is to seal, but there are {Keys.Length}."] : Array.Empty<string>(),
        .. Keys.GroupBy(static k => k.Tag).Where(static g => g.Count() > 1).Select(static g => $"Two keys have the tag {g.Key:x4}: they are equal, or one must be drawn anew."),
    ];

    /// <inheritdoc/>
    public bool Equals(Keyring? other) => other is not null && Primary == other.Primary && Keys.SequenceEqual(other.Keys);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Primary, Keys.Length);

    internal GossipKey? Find(ushort tag)
    {
        foreach (var key in Keys)
        {
            if (key.Tag == tag)
            {
                return key;
            }
        }

        return null;
    }
}
