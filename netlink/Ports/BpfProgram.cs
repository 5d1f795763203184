using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>Loads a program for sockets (BPF_PROG_TYPE_SOCKET_FILTER), and has the few instructions that ours need (linux/bpf.h).</summary>
internal static unsafe class BpfProgram
{
    private const int LoadCommand = 5; // BPF_PROG_LOAD
    private const uint SocketFilter = 1; // BPF_PROG_TYPE_SOCKET_FILTER

    /// <summary>Ends with the result as it is.</summary>
    public const ulong Exit = 0x95; // BPF_JMP | BPF_EXIT

    /// <summary>First instruction of a program that loads from its packet: r6 = r1.</summary>
    public const ulong KeepPacket = 0xbf | (0x16UL << 8); // BPF_ALU64 | BPF_MOV | BPF_X

    private static nint CallNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321, // __NR_bpf, asm/unistd_64.h
        Architecture.Arm64 => 280, // asm-generic/unistd.h
        _ => -1, // no such call: ENOSYS
    };

    /// <summary>The result: how many bytes of the packet are kept.</summary>
    public static ulong Set(uint value) => 0xb7 | ((ulong)value << 32); // BPF_ALU64 | BPF_MOV | BPF_K

    /// <summary>A word of the packet into the result, in the host's order; a packet that ends before it ends the program with 0.</summary>
    public static ulong Load(uint offset) => 0x20 | ((ulong)offset << 32); // BPF_LD | BPF_W | BPF_ABS

    /// <summary>Passes over instructions unless the result is this value.</summary>
    public static ulong JumpUnless(uint value, short over) => 0x55 | ((ulong)(ushort)over << 16) | ((ulong)value << 32); // BPF_JMP | BPF_JNE | BPF_K

    /// <summary>Loads it; null if this process may not, or the kernel does not know how. Programs that children are started as do not get it.</summary>
    public static FileDescriptor? TryLoad(ReadOnlySpan<ulong> instructions)
    {
        byte license = 0; // an empty text: no helper of the kernel is called
        fixed (ulong* start = instructions)
        {
            var request = new Request { Type = SocketFilter, Count = (uint)instructions.Length, Instructions = (ulong)start, License = (ulong)&license };
            var descriptor = Libc.syscall(CallNumber, LoadCommand, &request, (uint)sizeof(Request));
            return descriptor < 0 ? null : new FileDescriptor((int)descriptor); // closed on exec by the kernel's own choice
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Request // union bpf_attr, as far as BPF_PROG_LOAD needs it
    {
        public uint Type;
        public uint Count;
        public ulong Instructions;
        public ulong License;
        public uint LogLevel;
        public uint LogBytes;
        public ulong Log;
        public uint KernelVersion;
        public uint Flags;
    }
}
