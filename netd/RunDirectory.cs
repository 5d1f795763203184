using System.Text;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Store;

namespace Networking.Netd;

/// <summary>One daemon a run directory.</summary>
internal static class RunDirectory
{
    private const int SocketPathBytesMax = 107; // sizeof(sockaddr_un.sun_path) - 1

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
}
