using System.Globalization;

namespace Networking.Netd.Watch;

/// <summary>
/// The listening socket that a service manager opened for us (sd_listen_fds(3)): it exists before the daemon and while it is
/// restarted, so that callers wait instead of failing. Its path, mode and group are the service manager's business.
/// </summary>
/// <param name="Handle">The file descriptor.</param>
internal sealed record InheritedSocket(ulong Handle)
{
    private const ulong FirstHandle = 3; // SD_LISTEN_FDS_START

    /// <summary>Reads <c>LISTEN_PID</c> and <c>LISTEN_FDS</c>; null if nothing was opened for this process.</summary>
    /// <exception cref="IOException">There are several sockets: the daemon serves one.</exception>
    public static InheritedSocket? Read(string? listenPid, string? listenFds, int processId)
    {
        if (!int.TryParse(listenPid, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid != processId
            || !int.TryParse(listenFds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
        {
            return null;
        }

        return count == 1
            ? new InheritedSocket(FirstHandle)
            : throw new IOException($"{count} sockets were handed over (LISTEN_FDS), and netd serves one: give netd.socket one ListenStream=");
    }
}
