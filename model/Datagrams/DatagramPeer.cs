using System.Runtime.CompilerServices;

namespace Networking.Model;

/// <summary>Who sent a datagram, as the kernel wrote it: kept to send an answer to, not to be read.</summary>
public struct DatagramPeer
{
    /// <summary>Longest address in bytes (IPv6).</summary>
    public const int BytesMax = 28;

    private Bytes _bytes;
    private byte _length;

    /// <param name="address">The kernel's form of address and port, at most <see cref="BytesMax"/>.</param>
    public DatagramPeer(ReadOnlySpan<byte> address)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address.Length, BytesMax);
        address.CopyTo(_bytes);
        _length = (byte)address.Length;
    }

    /// <summary>Length of the address in bytes.</summary>
    public readonly int Length => _length;

    /// <summary>Copies the address out.</summary>
    /// <param name="destination">At least <see cref="Length"/>.</param>
    public readonly void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_bytes)[.._length].CopyTo(destination);

    [InlineArray(BytesMax)]
    private struct Bytes
    {
        private byte _first;
    }
}
