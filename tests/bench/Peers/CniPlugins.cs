using System.Globalization;
using System.Text.Json.Nodes;

namespace Networking.Bench;

/// <summary>Debian's CNI plugins as a container runtime calls them: bridge with host-local, portmap, firewall; NAT on.</summary>
internal sealed class CniPlugins : IAttachPeer
{
    private const string Folder = "/usr/lib/cni";

    private readonly HostNamespace _sandbox = new("cnibox");
    private readonly string _bridge;
    private readonly string _ports;
    private readonly string _firewall;
    private string _result = string.Empty;
    private int _count;

    public CniPlugins(Stage stage)
    {
        Packages.Require($"{Folder}/bridge", "/usr/sbin/iptables");
        var leases = Path.Combine(stage.Place, "cni-leases");
        _bridge = $$$"""
            {"cniVersion":"1.0.0","name":"bench","type":"bridge","bridge":"cni-bench","isGateway":true,"ipMasq":true,
             "ipam":{"type":"host-local","dataDir":"{{{leases}}}","ranges":[[{"subnet":"10.81.0.0/16"}]],"routes":[{"dst":"0.0.0.0/0"}]}}
            """;
        var two = TwoPorts.Usual;
        _ports = $$$"""
            {"cniVersion":"1.0.0","name":"bench","type":"portmap","capabilities":{"portMappings":true},"runtimeConfig":{"portMappings":[
              {"hostPort":{{{two.Tcp}}},"containerPort":{{{TwoPorts.TcpTarget}}},"protocol":"tcp"},
              {"hostPort":{{{two.Udp}}},"containerPort":{{{TwoPorts.UdpTarget}}},"protocol":"udp"}]}}
            """;
        _firewall = """{"cniVersion":"1.0.0","name":"bench","type":"firewall","backend":"iptables"}""";
    }

    public PeerIdentity Identity => new(
        "CNI plugins", Command.PackageVersion("containernetworking-plugins"), "bridge (host-local, ipMasq), portmap, firewall (iptables): CNI_COMMAND=ADD and DEL");

    public void Attach()
    {
        _count++;
        _result = Call("ADD", "bridge", _bridge, null);
        _ = Call("ADD", "portmap", _ports, _result);
        _ = Call("ADD", "firewall", _firewall, _result);
    }

    public void Detach()
    {
        _ = Call("DEL", "firewall", _firewall, _result);
        _ = Call("DEL", "portmap", _ports, _result);
        _ = Call("DEL", "bridge", _bridge, _result);
    }

    public void Dispose() => _sandbox.Dispose();

    private string Call(string verb, string plugin, string configuration, string? previous)
    {
        if (previous is not null)
        {
            var node = JsonNode.Parse(configuration)!; // ours, and not "null"
            node["prevResult"] = JsonNode.Parse(previous);
            configuration = node.ToJsonString();
        }

        return Command.Run($"{Folder}/{plugin}", [], configuration, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CNI_COMMAND"] = verb,
            ["CNI_CONTAINERID"] = string.Create(CultureInfo.InvariantCulture, $"bench{_count}"),
            ["CNI_NETNS"] = _sandbox.Path,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_PATH"] = Folder,
        });
    }
}
