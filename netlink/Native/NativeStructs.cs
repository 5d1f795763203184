using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>Address of a netlink socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress // struct sockaddr_nl
{
    public ushort Family;
    public ushort Padding;
    public uint PortId;
    public uint Groups;
}

/// <summary>Address of a packet socket.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct PacketAddress // struct sockaddr_ll
{
    public ushort Family;
    public ushort ProtocolBigEndian;
    public int LinkIndex;
    public ushort HardwareType;
    public byte PacketType;
    public byte AddressLength;
    public ulong Address;
}

/// <summary>One buffer of a scattered read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct BufferVector // struct iovec
{
    public byte* Start;
    public nuint Length;
}

/// <summary>What recvmsg reads into, or sendmsg takes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageVector // struct msghdr
{
    public void* Name;
    public uint NameLength;
    public BufferVector* Buffers;
    public nuint BufferCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>One message of recvmmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MultiMessage // struct mmsghdr
{
    public MessageVector Message;
    public uint Length;
}

/// <summary>Header of a control message.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlHeader // struct cmsghdr
{
    public nuint Length;
    public int Level;
    public int Type;
}

/// <summary>One descriptor to wait for.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor // struct pollfd
{
    public int Descriptor;
    public short Events;
    public short Returned;
}
