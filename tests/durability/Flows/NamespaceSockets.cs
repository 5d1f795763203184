using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Networking.Durability.Tests;

/// <summary>Sockets inside a network namespace: opened by a thread that goes in and ends there, used from anywhere.</summary>
internal static partial class NamespaceSockets
{
    private const int NetworkNamespaceFlag = 0x40000000; // CLONE_NEWNET

    public static Socket Listen(string ns, IPEndPoint at) => Inside(ns, () =>
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(at);
        socket.Listen();
        return socket;
    });

    public static Socket Connect(string ns, IPEndPoint to) => Inside(ns, () =>
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(to);
        return socket;
    });

    /// <summary>The number by which the kernel tells a namespace from every other since boot.</summary>
    public static ulong CookieOf(string ns) => Inside(ns, static () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var value = new byte[sizeof(ulong)];
        _ = socket.GetRawSocketOption(1, 71, value); // SOL_SOCKET, SO_NETNS_COOKIE
        return BitConverter.ToUInt64(value);
    });

    // The thread never comes home: it is not given back to any pool, so nobody inherits where it is.
    private static T Inside<T>(string path, Func<T> open)
    {
        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var ns = File.OpenHandle(path);
                if (SetNamespace(ns, NetworkNamespaceFlag) != 0)
                {
                    throw new InvalidOperationException($"cannot enter {path}: errno {Marshal.GetLastPInvokeError()}");
                }

                result = open();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeHandle ns, int kind);
}
