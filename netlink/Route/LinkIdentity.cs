using System.Runtime.InteropServices;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>What a name stands for right now.</summary>
/// <param name="Index">The interface's index; zero if there is no such interface.</param>
/// <param name="Mac">Its hardware address.</param>
/// <param name="MtuBytes">Its MTU.</param>
/// <param name="IsUp">Whether it is administratively up.</param>
internal readonly record struct LinkIdentity(int Index, MacAddress Mac, int MtuBytes, bool IsUp)
{
    private const uint UpFlag = 1; // IFF_UP

    public bool IsThere => Index != 0;

    /// <summary>Reads just these out of a link message, without allocating.</summary>
    public static LinkIdentity Read(ReadOnlySpan<byte> body)
    {
        var header = LinkMessage.ReadHeader(body);
        var mac = default(MacAddress);
        var mtu = 0;
        var reader = new AttributeReader(body[Marshal.SizeOf<LinkHeader>()..]);
        while (reader.MoveNext())
        {
            switch (reader.Type)
            {
                case LinkAttribute.HardwareAddress:
                    mac = reader.GetMac();
                    break;
                case LinkAttribute.Mtu:
                    mtu = reader.GetInt32();
                    break;
            }
        }

        return new LinkIdentity(header.Index, mac, mtu, (header.Flags & UpFlag) != 0);
    }
}
