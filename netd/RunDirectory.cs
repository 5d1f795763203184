using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Networking.Kernel;
using Networking.Netd.Configuration;
using Networking.Netd.Control;

namespace Networking.Netd;

/// <summary>
/// One daemon a network namespace, and one a run directory: two would each take the other's links and rules for what a dead one
/// has left. An abstract unix socket says so, for its name holds in one network namespace and goes with its process.
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

    /// <summary>Claims namespace and directory until disposed.</summary>
    /// <exception cref="KernelException">Another daemon has one of them.</exception>
    public static IDisposable Claim(DaemonOptions options)
    {
        var alone = Listen(Name, "the network namespace", "give this one a network namespace of its own");
        try
        {
            RefuseServed(options.RunDirectory);
            return alone;
        }
        catch
        {
            alone.Dispose();
            throw;
        }
    }

    private static Socket Listen(string name, string what, string instead)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(name));
            socket.Listen(1); // nobody is answered: who connects learns whose it is
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new KernelException($"{what} has a netd already: {HolderOf(name)}. Stop that one, or {instead}", e);
        }
    }

    // A socket of the directory that somebody answers at is another daemon's, in another namespace.
    private static void RefuseServed(string directory)
    {
        var path = new NodePaths(string.Empty, directory).Socket;
        if (!File.Exists(path) || Environment.GetEnvironmentVariable("LISTEN_FDS") is not null)
        {
            return; // systemd's own socket is there before we are
        }

        if (HolderOf(path) is { } holder)
        {
            throw new KernelException($"run directory {directory} is in use by {holder}. Stop that one, or give this one its own --run-dir");
        }
    }

    // Null if nobody listens.
    private static string? HolderOf(string name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(name));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            return "a process that does not answer";
        }
        catch (SocketException)
        {
            return null;
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
