using System.Net.Sockets;

namespace Networking.Netctl.Client;

/// <summary>Why a socket could not be connected to, in words and with the next step.</summary>
internal static class Unreachable
{
    public static DaemonUnreachableException Because(string path, SocketException exception)
    {
        // Unix socket errors that .NET has no own name for arrive as their errno.
        var (reason, hint) = (exception.SocketErrorCode, exception.NativeErrorCode) switch
        {
            (SocketError.AccessDenied, _) => ("permission denied", "Add yourself to the group netd (sudo usermod -aG netd $USER, then log in again) or use sudo."),
            (SocketError.ConnectionRefused, _) => ("nobody listens on the socket", NotRunning),
            (_, NoSuchFile) or (SocketError.AddressNotAvailable, _) => ("no such socket", NotRunning),
            _ => (exception.Message, NotRunning),
        };
        return new DaemonUnreachableException(path, reason, hint, exception);
    }

    private const int NoSuchFile = 2; // ENOENT

    private const string NotRunning =
        "Is netd running? Start it with: sudo systemctl start netd. If it listens elsewhere, name the socket with --host or NETD_HOST.";
}
