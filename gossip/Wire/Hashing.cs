using System.Text;

namespace Networking.Gossip.Wire;

/// <summary>
/// A 64-bit hash that every build computes alike, for digests: equal digests mean equal state up to one chance in 2^64, and a
/// difference that it hides is found after the next change. No protection against a forger; the seal is.
/// </summary>
internal static class Hashing
{
    public static ulong Mix(ulong one, ulong other)
    {
        var value = (one ^ (other * 0x9e37_79b9_7f4a_7c15)) + 0x632b_e59b_d9b4_e019;
        value = (value ^ (value >> 30)) * 0xbf58_476d_1ce4_e5b9;
        value = (value ^ (value >> 27)) * 0x94d0_49bb_1331_11eb;
        return value ^ (value >> 31);
    }

    public static ulong OfText(string text, ulong seed)
    {
        Span<byte> bytes = stackalloc byte[WireLimits.KeyBytesMax];
        var length = Encoding.UTF8.GetBytes(text, bytes);
        var hash = Mix(seed, (ulong)length);
        for (var at = 0; at < length; at += 8)
        {
            var word = 0UL;
            for (var i = at; i < Math.Min(length, at + 8); i++)
            {
                word = (word << 8) | bytes[i];
            }

            hash = Mix(hash, word);
        }

        return hash;
    }
}
