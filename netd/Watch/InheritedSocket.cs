using System.Globalization;
using Networking.Netlink;

namespace Networking.Netd.Watch;

/// <summary>
/// The listening socket that a service manager opened for us (sd_listen_fds(3)): it exists before the daemon and while it is
/// restarted, so that callers wait instead of failing. Its path, mode and group are the service manager's business.
/// </summary>
/// <param name="Handle">The file descriptor.</param>
internal sealed record InheritedSocket(ulong Handle)
{
    private const ulong FirstHandle = 3; // SD_LISTEN_FDS_START

    /// <summary>
    /// Reads <c>LISTEN_PID</c>, <c>LISTEN_FDS</c> and <c>LISTEN_FDNAMES</c>; null if nothing was opened for this process. What the
    /// service manager kept for us comes among them, and is not a listener.
    /// </summary>
    /// <exception cref="IOException">There are several sockets: the daemon serves one.</exception>
    public static InheritedSocket? Read(string? listenPid, string? listenFds, string? listenNames, int processId)
    {
        if (!int.TryParse(listenPid, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid != processId
            || !int.TryParse(listenFds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
        {
            return null;
        }

        var names = (listenNames ?? string.Empty).Split(':');
        var listeners = Enumerable.Range(0, count).Where(i => DescriptorStore.IsListener(i < names.Length ? names[i] : string.Empty)).ToArray();
        return listeners.Length == 0 ? null
            : listeners.Length == 1 ? new InheritedSocket(FirstHandle + (ulong)listeners[0])
            : throw new IOException($"{listeners.Length} sockets were handed over (LISTEN_FDS), and netd serves one: give netd.socket one ListenStream=");
    }
}
