namespace Networking.Dns.Tests;

/// <summary>Messages gone wrong: cut, overwritten, glued together, with pointers and counts where they hurt.</summary>
internal static class Mutation
{
    public static byte[] Of(Random random, byte[][] seeds)
    {
        var bytes = seeds[random.Next(seeds.Length)];
        bytes = random.Next(8) switch
        {
            0 => bytes[..random.Next(bytes.Length + 1)],
            1 => [.. bytes, .. seeds[random.Next(seeds.Length)].AsSpan(12)],
            _ => [.. bytes],
        };
        for (var i = random.Next(8); i > 0 && bytes.Length > 1; i--)
        {
            var at = random.Next(bytes.Length - 1);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = 0xff;
                    break;
                case 1:
                    (bytes[at], bytes[at + 1]) = (0xc0, (byte)random.Next(bytes.Length)); // a pointer to anywhere
                    break;
                case 2:
                    bytes[random.Next(Math.Min(12, bytes.Length))] = (byte)random.Next(4); // flags and counts
                    break;
                case 3:
                    bytes[at] = 0;
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return bytes;
    }
}
