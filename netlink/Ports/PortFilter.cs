using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>
/// What a reserved socket lets in, as a BPF program on the socket. From the packet's point of view: the firewall's
/// maps have rewritten it before it could get here, unless they are gone (somebody flushed them) or cannot rewrite it
/// (from ::1, which is no source that could leave the host). In the first case it is dropped in silence, so that its sender tries again
/// and finds the rules mended; a refusal (RST, port unreachable) would end the attempt, and accepting it would give it to nobody.
/// </summary>
/// <remarks>
/// The kernel holds one program of each kind, which all sockets share: one of its own costs a socket 15 to 40 µs. Who may not load programs
/// (no CAP_BPF, or a kernel without them) gives each socket its own in the classic form, which everybody may.
/// </remarks>
internal static unsafe class PortFilter
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int AttachFilter = 26; // SO_ATTACH_FILTER
    private const int AttachProgram = 50; // SO_ATTACH_BPF
    private const uint NetworkHeader = 0xfff00000; // SKF_NET_OFF: counts from the IP header, whatever the socket sees first
    private const uint Ipv6SourceOffset = 8; // struct ipv6hdr: saddr

    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K
    private const uint All = uint.MaxValue; // keep every byte

    private static readonly Instruction[] s_nothing = [new(Return, 0, 0, 0)];

    // A listening socket's filter is inherited by the connections it accepts; their packets come from ::1 too.
    private static readonly Instruction[] s_ipv6LoopbackSources =
    [
        new(LoadWord, 0, 0, NetworkHeader + Ipv6SourceOffset),
        new(JumpIfEqual, 0, 7, 0),
        new(LoadWord, 0, 0, NetworkHeader + Ipv6SourceOffset + 4),
        new(JumpIfEqual, 0, 5, 0),
        new(LoadWord, 0, 0, NetworkHeader + Ipv6SourceOffset + 8),
        new(JumpIfEqual, 0, 3, 0),
        new(LoadWord, 0, 0, NetworkHeader + Ipv6SourceOffset + 12),
        new(JumpIfEqual, 0, 1, 1),
        new(Return, 0, 0, All),
        new(Return, 0, 0, 0),
    ];

    // The same two in the form that is loaded once: both at the first port, so that what the process has open depends on no order.
    private static readonly Lazy<(FileDescriptor? Nothing, FileDescriptor? Ipv6LoopbackSources)> s_shared = new(static () => (
        BpfProgram.TryLoad([BpfProgram.Set(0), BpfProgram.Exit]),
        BpfProgram.TryLoad(
        [
            BpfProgram.KeepPacket,
            BpfProgram.Load(NetworkHeader + Ipv6SourceOffset), BpfProgram.JumpUnless(0, 8),
            BpfProgram.Load(NetworkHeader + Ipv6SourceOffset + 4), BpfProgram.JumpUnless(0, 6),
            BpfProgram.Load(NetworkHeader + Ipv6SourceOffset + 8), BpfProgram.JumpUnless(0, 4),
            BpfProgram.Load(NetworkHeader + Ipv6SourceOffset + 12), BpfProgram.JumpUnless(1, 2),
            BpfProgram.Set(All), BpfProgram.Exit,
            BpfProgram.Set(0), BpfProgram.Exit,
        ])));

    /// <summary>Lets nothing in; 0 or an errno.</summary>
    public static int AttachNothing(int socket) => Attach(socket, s_shared.Value.Nothing, s_nothing);

    /// <summary>Lets in what comes from ::1; 0 or an errno. For sockets that receive IPv6 alone.</summary>
    public static int AttachIpv6LoopbackSources(int socket) => Attach(socket, s_shared.Value.Ipv6LoopbackSources, s_ipv6LoopbackSources);

    /// <summary>The classic form of both alone, for who may not load programs; 0 or an errno.</summary>
    internal static int AttachClassic(int socket, bool takesIpv6Loopback) => Attach(socket, null, takesIpv6Loopback ? s_ipv6LoopbackSources : s_nothing);

    private static int Attach(int socket, FileDescriptor? shared, Instruction[] program)
    {
        if (shared is not null)
        {
            var number = shared.Number;
            if (Libc.setsockopt(socket, SocketLevel, AttachProgram, &number, sizeof(int)) == 0)
            {
                return 0;
            }
        }

        fixed (Instruction* start = program)
        {
            var header = new Program { Count = (ushort)program.Length, Instructions = start };
            return Libc.setsockopt(socket, SocketLevel, AttachFilter, &header, (uint)sizeof(Program)) == 0 ? 0 : Errno.Last;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte ifTrue, byte ifFalse, uint operand) // struct sock_filter
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue = ifTrue;
        public readonly byte IfFalse = ifFalse;
        public readonly uint Operand = operand;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program // struct sock_fprog
    {
        public ushort Count;
        public Instruction* Instructions;
    }
}
