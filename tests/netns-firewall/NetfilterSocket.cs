using System.ComponentModel;
using System.Runtime.InteropServices;
using Networking.Kernel;

namespace Networking.NetnsFirewall.Tests;

/// <summary>A NETLINK_NETFILTER socket, opened in the namespace of the thread that creates it.</summary>
internal sealed partial class NetfilterSocket : Netlink.INetfilterChannel, IDisposable
{
    private const int AddressFamilyNetlink = 16; // AF_NETLINK
    private const int RawCloseOnExec = 3 | 0x80000; // SOCK_RAW | SOCK_CLOEXEC
    private const int ProtocolNetfilter = 12; // NETLINK_NETFILTER
    private const int LevelNetlink = 270; // SOL_NETLINK
    private const int AddMembership = 1; // NETLINK_ADD_MEMBERSHIP
    private const int CapAcknowledgement = 10; // NETLINK_CAP_ACK
    private const int ExtendedAcknowledgement = 11; // NETLINK_EXT_ACK
    private const int LevelSocket = 1; // SOL_SOCKET
    private const int SendBufferForce = 32; // SO_SNDBUFFORCE
    private const int ReceiveTimeout = 20; // SO_RCVTIMEO
    private const int Truncate = 0x20; // MSG_TRUNC
    private const int DoNotWait = 0x40; // MSG_DONTWAIT
    private const int AddressBytes = 12;

    private readonly int _fd;
    private readonly int _receiveFlags;
    private int _sendBytes = 100_000;

    public NetfilterSocket(uint group = 0)
    {
        _fd = Checked(OpenSocket(AddressFamilyNetlink, RawCloseOnExec, ProtocolNetfilter));
        var address = new NetlinkAddress { Family = AddressFamilyNetlink };
        Checked(Bind(_fd, in address, AddressBytes));
        var length = AddressBytes;
        Checked(GetName(_fd, ref address, ref length));
        PortId = address.PortId;
        Set(LevelNetlink, ExtendedAcknowledgement, 1);
        Set(LevelNetlink, CapAcknowledgement, 1);
        _receiveFlags = Truncate | DoNotWait;
        if (group != 0)
        {
            // Events come when they come, but a test does not wait for ever.
            _receiveFlags = Truncate;
            Set(LevelNetlink, AddMembership, (int)group);
            var limit = new TimeValue { Seconds = 5 };
            Checked(SetTime(_fd, LevelSocket, ReceiveTimeout, in limit, 16));
        }
    }

    public uint PortId { get; }

    public int Sends { get; private set; }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length + 1024 > _sendBytes)
        {
            _sendBytes = datagram.Length + 1024;
            Set(LevelSocket, SendBufferForce, _sendBytes);
        }

        Sends++;
        Checked((int)Send(_fd, datagram, datagram.Length, 0));
    }

    public int Receive(Span<byte> buffer) => Checked((int)Receive(_fd, buffer, buffer.Length, _receiveFlags));

    public void Dispose() => _ = Close(_fd);

    private static int Checked(int result)
    {
        if (result >= 0)
        {
            return result;
        }

        var errno = Marshal.GetLastPInvokeError();
        throw new KernelException(new KernelError(errno, $"errno {errno}", "use a netfilter socket", new Win32Exception(errno).Message));
    }

    private void Set(int level, int option, int value) => Checked(SetNumber(_fd, level, option, in value, 4));

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int fd, in NetlinkAddress address, int length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int GetName(int fd, ref NetlinkAddress address, ref int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetNumber(int fd, int level, int option, in int value, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetTime(int fd, int level, int option, in TimeValue value, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int fd, ReadOnlySpan<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int fd, Span<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);

    [StructLayout(LayoutKind.Sequential)]
    private struct NetlinkAddress
    {
        public ushort Family; // nl_family
        public ushort Padding; // nl_pad
        public uint PortId; // nl_pid
        public uint Groups; // nl_groups
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public nint Seconds; // tv_sec
        public nint Microseconds; // tv_usec
    }
}
