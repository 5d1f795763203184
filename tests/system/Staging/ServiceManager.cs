using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Networking.Daemon.Tests.Staging;

/// <summary>
/// What systemd is to a service with a descriptor store: it takes messages and descriptors at NOTIFY_SOCKET, keeps them while
/// the service is dead, and hands them to the next process from number 3 on (sd_notify(3), sd_listen_fds(3)).
/// </summary>
internal sealed unsafe partial class ServiceManager : IDisposable
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int Rights = 1; // SCM_RIGHTS
    private const int ControlBytes = 256;

    private readonly string _path;
    private readonly Socket _socket;
    private readonly Thread _thread;
    private readonly Lock _gate = new(); // guards _kept
    private readonly SortedDictionary<string, int> _kept = new(StringComparer.Ordinal);

    public ServiceManager(string folder)
    {
        _path = Path.Combine(folder, "notify");
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _socket.Bind(new UnixDomainSocketEndPoint(_path));
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Names of what is kept.</summary>
    public string[] Kept
    {
        get
        {
            lock (_gate)
            {
                return [.. _kept.Keys];
            }
        }
    }

    /// <summary>Shell words that make the next process one of this manager's, before it is started by <c>exec</c>.</summary>
    public string Prelude()
    {
        var text = new StringBuilder($"export NOTIFY_SOCKET='{_path}' LISTEN_PID=$$ ");
        lock (_gate)
        {
            _ = text.Append($"LISTEN_FDS={_kept.Count} LISTEN_FDNAMES='{string.Join(':', _kept.Keys)}'; ");
            foreach (var (number, index) in _kept.Values.Select(static (n, i) => (n, i)))
            {
                _ = text.Append($"exec {3 + index}<&{number}; ");
            }
        }

        return text.ToString();
    }

    public void Dispose()
    {
        _socket.Shutdown(SocketShutdown.Both);
        _thread.Join();
        _socket.Dispose();
        foreach (var descriptor in _kept.Values)
        {
            _ = Close(descriptor);
        }
    }

    private void Run()
    {
        var bytes = stackalloc byte[4096];
        var control = stackalloc byte[ControlBytes];
        while (true)
        {
            var vector = new Vector { Start = bytes, Length = 4096 };
            var message = new Message { Buffers = &vector, BufferCount = 1, Control = control, ControlLength = ControlBytes };
            var length = Receive((int)_socket.Handle, &message, 0); // what comes may be inherited: the next process is to have it
            if (length <= 0)
            {
                return;
            }

            var descriptor = message.ControlLength >= 20 && *(int*)(control + 8) == SocketLevel && *(int*)(control + 12) == Rights ? *(int*)(control + 16) : -1;
            Take(Encoding.UTF8.GetString(bytes, (int)length).Split('\n'), descriptor);
        }
    }

    private void Take(string[] lines, int descriptor)
    {
        var name = lines.FirstOrDefault(static l => l.StartsWith("FDNAME=", StringComparison.Ordinal))?["FDNAME=".Length..];
        lock (_gate)
        {
            if (name is not null && lines.Contains("FDSTORE=1") && descriptor >= 0)
            {
                _kept[name] = descriptor;
            }
            else if (name is not null && lines.Contains("FDSTOREREMOVE=1") && _kept.Remove(name, out var gone))
            {
                _ = Close(gone);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint Receive(int socket, Message* message, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector // struct iovec
    {
        public byte* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message // struct msghdr
    {
        public void* Name;
        public uint NameLength;
        public Vector* Buffers;
        public nuint BufferCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
