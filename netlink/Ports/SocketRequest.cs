using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>Asks for the sockets of one family and protocol.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketRequest // struct inet_diag_req_v2
{
    public byte Family;
    public byte Protocol;
    public byte Extensions;
    public byte Padding;
    public uint States;
    public SocketIdentity Identity;
}

/// <summary>Ports, addresses, device and cookie of one socket; all zero in a dump.</summary>
[InlineArray(12)]
internal struct SocketIdentity // struct inet_diag_sockid
{
    private uint _first;
}
