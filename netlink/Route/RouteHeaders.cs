using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>Header of link messages.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkHeader // struct ifinfomsg
{
    public byte Family;
    public byte Padding;
    public ushort DeviceType;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary>Header of address messages.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressHeader // struct ifaddrmsg
{
    public byte Family;
    public byte PrefixLength;
    public byte Flags;
    public byte Scope;
    public int Index;
}

/// <summary>Header of route messages.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteHeader // struct rtmsg
{
    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte TypeOfService;
    public byte Table;
    public byte Protocol;
    public byte Scope;
    public byte Type;
    public uint Flags;
}

/// <summary>Header of neighbour and forwarding database messages.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NeighborHeader // struct ndmsg
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
    public int Index;
    public ushort State;
    public byte Flags;
    public byte Type;
}

/// <summary>Header of policy rule messages.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RuleHeader // struct fib_rule_hdr
{
    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte TypeOfService;
    public byte Table;
    public byte Reserved1;
    public byte Reserved2;
    public byte Action;
    public uint Flags;
}

/// <summary>Header of messages that carry a family only.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FamilyHeader // struct rtgenmsg
{
    public byte Family;
}
