using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Store;

namespace Networking.Netd;

/// <summary>
/// One daemon a run directory, and one a network namespace: two would each take the other's links and rules for what a dead one
/// has left. For the second an abstract unix socket stands: its name holds in one network namespace and goes with its process.
/// </summary>
internal static class RunDirectory
{
    private const int SocketPathBytesMax = 107; // sizeof(sockaddr_un.sun_path) - 1
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredentials = 17; // SO_PEERCRED
    private const string Name = "\0netd is alone here";

    /// <summary>What is wrong with the directory by itself.</summary>
    public static IEnumerable<string> Problems(string directory)
    {
        var socket = new NodePaths(string.Empty, directory).Socket;
        var length = Encoding.UTF8.GetByteCount(socket);
        return length <= SocketPathBytesMax
            ? []
            : [$"--run-dir: the socket's path {socket} has {length} bytes, and the kernel takes {SocketPathBytesMax}; choose a shorter directory"];
    }

    /// <summary>Claims the directory until disposed; its file says the process's number.</summary>
    /// <exception cref="StoreException">Another daemon has it.</exception>
    public static IDisposable Claim(string directory) => DirectoryLock.Take(directory, "netd.pid", "run directory", "--run-dir");

    /// <summary>Claims the calling process's network namespace until disposed.</summary>
    /// <exception cref="KernelException">Another daemon has it.</exception>
    public static IDisposable ClaimNamespace()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(Name));
            socket.Listen(1); // nobody is answered: who connects learns whose it is
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new KernelException($"the network namespace has a netd already: {Holder()}. Stop that one, or give this one a network namespace of its own", e);
        }
    }

    private static string Holder()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Name));
        }
        catch (SocketException)
        {
            return "a process that does not say which"; // it ends just now, or others ask it too
        }

        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        _ = socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        var id = MemoryMarshal.Read<int>(credentials);
        return id == 0 ? "a process outside this process namespace" : $"process {id}{CommandOf(id)}";
    }

    private static string CommandOf(int id)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{id}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
            return words.Length == 0 ? string.Empty : $" ({string.Join(' ', words)})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty; // it has gone, or is not ours to look at
        }
    }
}
