using System.Globalization;

namespace Networking.Bench;

/// <summary>
/// A bridge with a host a port, each in a namespace of its own, so that what one sends can be counted and lost. Hosts know each other's
/// hardware addresses for good: the kernel's table of neighbours is one for all namespaces, and fifty times fifty are more than it learns.
/// <code>
///   here: br ── p1 ═ eth0 in host 1 · p2 ═ eth0 in host 2 · …     10.77.N.254 here, 10.77.N.i there
/// </code>
/// </summary>
internal sealed class GossipField : IDisposable
{
    private const int Bridge = 254;

    private readonly string _prefix;
    private readonly List<HostNamespace> _hosts = [];

    public GossipField(string prefix, int number, int count)
    {
        _prefix = prefix;
        Number = number;
        var lines = new List<string>
        {
            $"link add br{prefix} address {Hardware(Bridge)} type bridge",
            $"link set br{prefix} up",
            $"address add {Address(Bridge)}/24 dev br{prefix}",
        };
        for (var i = 1; i <= count; i++)
        {
            _hosts.Add(new HostNamespace($"{prefix}{i}"));
            lines.Add($"link add {Port(i)} type veth peer name eth0 address {Hardware(i)} netns {prefix}{i}");
            lines.Add($"link set {Port(i)} addrgenmode none");
            lines.Add($"link set {Port(i)} master br{prefix} up");
            lines.Add(Neighbor(i, $"br{prefix}"));
        }

        _ = Command.Run("ip", ["-batch", "-"], string.Join('\n', lines) + "\n");
        for (var i = 1; i <= count; i++)
        {
            var others = Enumerable.Range(1, count).Append(Bridge).Where(j => j != i).Select(j => Neighbor(j, "eth0"));
            string[] inside = ["link set eth0 addrgenmode none", $"address add {Address(i)}/24 dev eth0", "link set eth0 up", .. others];
            _ = Command.Run("ip", ["-n", prefix + i, "-batch", "-"], string.Join('\n', inside) + "\n");
        }
    }

    public int Number { get; }

    public int Count => _hosts.Count;

    public string Address(int host) => $"10.77.{Number}.{host}";

    public string[] Prefix(int host) => _hosts[host - 1].Prefix;

    /// <summary>Bytes that a host has sent, with all headers.</summary>
    public long SentBytes(int host) =>
        long.Parse(File.ReadAllText($"/sys/class/net/{Port(host)}/statistics/rx_bytes"), CultureInfo.InvariantCulture);

    /// <summary>Two of a hundred packets that arrive at a host are lost.</summary>
    public void LoseTwoPercent()
    {
        for (var i = 1; i <= Count; i++)
        {
            _ = _hosts[i - 1].Run("nft", "add table ip loss; add chain ip loss in { type filter hook input priority 0; }; add rule ip loss in iifname eth0 numgen random mod 100 < 2 drop");
        }
    }

    public void Dispose()
    {
        _hosts.ForEach(static h => h.Dispose());
        Command.Try("ip", "link", "del", $"br{_prefix}");
    }

    private string Neighbor(int host, string device) => $"neigh replace {Address(host)} lladdr {Hardware(host)} dev {device} nud permanent";

    private string Hardware(int host) => $"02:77:00:00:{Number:x2}:{host:x2}";

    private string Port(int host) => $"{_prefix}p{host}";
}
