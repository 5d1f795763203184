using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>The header behind every nfnetlink message header: struct nfgenmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NetfilterHeader(byte family, ushort resourceId)
{
    public const int Bytes = 4;

    private readonly byte _family = family; // nfgen_family
    private readonly byte _version; // version, NFNETLINK_V0
    private readonly ushort _resourceIdBigEndian = BinaryPrimitives.ReverseEndianness(resourceId); // res_id

    public byte Family => _family;

    public byte Version => _version;

    public ushort ResourceId => BinaryPrimitives.ReverseEndianness(_resourceIdBigEndian);
}
