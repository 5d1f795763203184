namespace Networking.Bench;

/// <summary>Debian's netavark, called as podman calls it.</summary>
internal sealed class Netavark : IAttachPeer
{
    private const string Program = "/usr/lib/podman/netavark";

    private readonly HostNamespace _sandbox = new("nvbox");
    private readonly string _configuration;
    private readonly string _folder;

    public Netavark(Stage stage)
    {
        Packages.Require(Program, "/usr/sbin/iptables");
        _folder = Directory.CreateDirectory(Path.Combine(stage.Place, "netavark")).FullName;
        _configuration = $$$"""
            {"container_id":"{{{new string('a', 64)}}}","container_name":"bench",
             "port_mappings":[{"host_ip":"","host_port":{{{TwoPorts.Usual.Tcp}}},"container_port":{{{TwoPorts.TcpTarget}}},"range":1,"protocol":"tcp"},
              {"host_ip":"","host_port":{{{TwoPorts.Usual.Udp}}},"container_port":{{{TwoPorts.UdpTarget}}},"range":1,"protocol":"udp"}],
             "networks":{"bench":{"static_ips":["10.82.0.2"],"interface_name":"eth0"}},
             "network_info":{"bench":{"name":"bench","id":"{{{new string('b', 64)}}}","driver":"bridge","network_interface":"nv-bench",
              "subnets":[{"subnet":"10.82.0.0/16","gateway":"10.82.0.1"}],"ipv6_enabled":false,"internal":false,"dns_enabled":false,
              "ipam_options":{"driver":"host-local"} } } }
            """;
    }

    public PeerIdentity Identity => new("netavark", Command.PackageVersion("netavark"), "netavark --config DIR setup and teardown NETNS");

    public void Attach() => _ = Command.Run(Program, ["--config", _folder, "setup", _sandbox.Path], _configuration);

    public void Detach() => _ = Command.Run(Program, ["--config", _folder, "teardown", _sandbox.Path], _configuration);

    public void Dispose() => _sandbox.Dispose();
}
