using System.Net;

namespace Networking.Netd.Ipam;

/// <summary>The host's name servers.</summary>
internal static class HostResolvers
{
    // Where systemd-resolved writes the servers that its own address in resolv.conf stands for.
    public const string BehindStub = "/run/systemd/resolve/resolv.conf";
    private static readonly IPAddress s_stub = new([127, 0, 0, 53]);

    /// <summary>The servers that are not on this host, of both families; none if there is no file.</summary>
    public static IReadOnlyList<IPAddress> Read(string resolvConf, string behindStub = BehindStub)
    {
        var servers = ServersOf(resolvConf);
        return [.. (servers.Contains(s_stub) ? servers.Concat(ServersOf(behindStub)) : servers).Where(static a => !IPAddress.IsLoopback(a)).Distinct()];
    }

    /// <summary>The servers to ask, in their order: also one on this host, but not systemd-resolved's own if it says whom it asks.</summary>
    public static IReadOnlyList<IPAddress> ReadForAsking(string resolvConf, string behindStub = BehindStub)
    {
        var servers = ServersOf(resolvConf);
        return servers.Contains(s_stub) && ServersOf(behindStub) is { Length: > 0 } behind ? behind : servers;
    }

    /// <summary>What stands in a resolver file; nothing if there is none, and then nothing is reserved for a server.</summary>
    public static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static IPAddress[] ServersOf(string path) =>
    [
        .. TextOf(path).Split('\n', StringSplitOptions.TrimEntries)
            .Select(static l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(static w => w.Length > 1 && w[0] == "nameserver")
            .Select(static w => IPAddress.TryParse(w[1], out var address) ? address : null)
            .OfType<IPAddress>(),
    ];
}
