namespace Networking.Netctl.Tests.Infrastructure;

/// <summary>Answers as a daemon gives them.</summary>
internal static class Samples
{
    public const string Done = """{"state":"done","since":"2026-03-14T15:07:26Z"}""";

    public const string Pending =
        """{"state":"pending","reason":"needs parent eth1","since":"2026-03-14T15:09:00Z","nextTry":"2026-03-14T15:09:56Z","attempts":3}""";

    public const string Failed =
        """{"state":"error","reason":"link nd-web: no such device (ENODEV)","since":"2026-03-14T15:09:00Z","attempts":1}""";

    public static string Id(char digit) => new(digit, 64);

    public static string Endpoint { get; } = $$"""
        {"id":"{{Id('e')}}","name":"web-c1","network":"web","networkId":"{{Id('a')}}","sandbox":"c1","sandboxId":"{{Id('c')}}",
        "interface":"eth0","hostInterface":"nd-e0","mac":"02:42:0a:14:00:02","ipv4":"10.20.0.2/24","ipv6":"fd00::2/64",
        "gatewayPriority":0,"ports":[
        {"protocol":"tcp","hostAddress":"0.0.0.0","hostPorts":"8080","target":"10.20.0.2:80","exposure":"lan","path":"kernel"},
        {"protocol":"udp","hostAddress":"::","hostPorts":"53-54","target":"10.20.0.2:53-54","exposure":"world","path":"forwarder"}],
        "created":"2026-03-14T15:08:26Z","status":{{Done}} }
        """;

    public static string Web { get; } = $$"""
        {"id":"{{Id('a')}}","name":"web","driver":"bridge","scope":"local","internal":false,
        "ipv4":{"subnet":"10.20.0.0/24","gateway":"10.20.0.1"},"ipv6":{"subnet":"fd00::/64"},"device":"nd-web",
        "options":{"mtu":"1400"},"labels":{"app":"shop","tier":"front"},"created":"2026-03-14T15:07:26Z","status":{{Done}},
        "endpointCount":1,"endpoints":[{{Endpoint}}],"newerField":{"kept":1.50} }
        """;

    public static string Lab { get; } = $$"""
        {"id":"{{Id('b')}}","name":"lab-macvlan","driver":"macvlan","device":"nd-lab","created":"2026-02-01T00:00:00Z","status":{{Pending}} }
        """;

    public static string Networks { get; } = $"[{Web},{Lab}]";

    public static string Sandbox { get; } = $$"""
        {"id":"{{Id('c')}}","name":"c1","owner":"daemon","path":"/run/netd/netns/c1","cookie":"4711",
        "created":"2026-03-14T12:00:00Z","status":{{Done}},"endpoints":[{{Endpoint}}]}
        """;

    public static string ProcessSandbox { get; } = $$"""
        {"id":"{{Id('d')}}","name":"pid-77","owner":"process","path":"/proc/77/ns/net","processId":77,"cookie":"4712",
        "created":"2026-03-13T12:00:00Z","status":{{Failed}} }
        """;

    public static string Sandboxes { get; } = $"[{Sandbox},{ProcessSandbox}]";

    public const string Plan = """
        {"steps":[
        {"verb":"create","kind":"link","object":"nd-web","namespace":"host","scope":"network:web","text":"+ link nd-web bridge [host]"},
        {"verb":"change","kind":"sysctl","object":"x","namespace":"host","scope":"network:web","text":"sysctl net.ipv4.conf.nd-web.forwarding 0 → 1 [host]"},
        {"verb":"delete","kind":"route","object":"r","namespace":"netns:4711","scope":"network:web","text":"- route default [netns:4711]"},
        {"verb":"transition","kind":"announce","object":"a","namespace":"host","scope":"network:web","text":"! announce 10.20.0.2 at 02:42:0a:14:00:02 on nd-web [host]"}]}
        """;

    public const string EmptyPlan = """{"steps":[]}""";

    public const string Doctor = """
        {"checks":[
        {"name":"kernel.vxlan","state":"ok","message":"VXLAN is there"},
        {"name":"forward","state":"failed","message":"the FORWARD policy is DROP and DOCKER-USER cannot be written","hint":"start netd with --firewall-admit=auto"},
        {"name":"ipvs","state":"missing","message":"the kernel has no IPVS"},
        {"name":"bridge-nf-call","state":"warning","message":"bridged packets pass iptables","hint":"sysctl -w net.bridge.bridge-nf-call-iptables=0"}]}
        """;

    public static string Explain { get; } = $$"""
        {"kind":"network","id":"{{Id('b')}}","name":"lab-macvlan","status":{{Pending}},
        "lines":["eth1 is not there; macvlan needs its parent"],"objects":["link nd-lab macvlan on eth1 [host]"],"diff":{{Plan}} }
        """;

    private const string IpamSubnets =
        """
        {"prefix":"10.20.0.0/24","network":"web","networkId":"aaaa","gateway":"10.20.0.1","range":"10.20.0.128/25","order":"serial",
        "leased":"1","resting":"1","free":"125","conflicts":["10.20.0.0/16 of a route by 10.8.0.1 on tun0"]},
        {"prefix":"fd00::/64","network":"web","networkId":"aaaa","gateway":"fd00::1","defaultGateway":"fe80::9","order":"next",
        "leased":"1","resting":"0","free":"18446744073709551613"}
        """;

    public const string Ipam =
        $$"""
        {"pools":[{"prefix":"172.17.0.0/16","owner":"this node","subnetLength":24,"size":"256","held":"3","avoided":"16","free":"237"},
        {"prefix":"fd0d:35c4:7ba7::/48","owner":"this node","subnetLength":64,"size":"65536","held":"0","avoided":"0","free":"65536"}],
        "subnets":[{{IpamSubnets}}],
        "ranges":[{"pool":"cluster","prefix":"10.128.0.0/9","first":"10.128.0.0","last":"10.191.255.255","size":"4194304","owner":"00000000000000aa","isThis":true,"ownerFree":"4194290"},
        {"pool":"cluster","prefix":"10.128.0.0/9","first":"10.192.0.0","last":"10.255.255.255","size":"4194304","owner":"00000000000000bb","isThis":false}]}
        """;

    public const string IpamNetwork =
        $$"""
        {"network":"web","networkId":"aaaa","subnets":[{{IpamSubnets}}],"addresses":[
        {"address":"10.20.0.1","state":"reserved","reason":"gateway"},
        {"address":"10.20.0.128","state":"leased","endpoint":"web-c1","endpointId":"eeee","sandbox":"c1","sandboxId":"cccc",
        "bootId":"0b5e3c5e-6a3c-4f6e-9a53-2f6f0c1d2e3f","since":"2026-03-14T15:08:26Z"},
        {"address":"10.20.0.129","state":"resting","until":"2026-03-14T15:10:06Z"}]}
        """;

    public const string IpamWhy =
        """
        {"asked":"10.20.0.2","state":"leased","lines":["10.20.0.2 of network web (10.20.0.0/24) is leased to endpoint web-c1 in sandbox c1."],
        "network":"web","endpoint":"web-c1","sandbox":"c1"}
        """;

    public const string Names =
        """
        [{"name":"web","network":"app","addresses":["10.20.0.2","fd00:20::2"]},{"name":"www","network":"app","addresses":["10.20.0.2"]},
        {"name":"quiet","network":"app"}]
        """;

    public const string NameAnswer =
        """
        {"name":"_80._tcp.web","type":"SRV","stage":"names","code":"NOERROR","milliseconds":0.04,"records":[
        {"name":"_80._tcp.web","type":"SRV","ttl":3,"data":"0 0 80 web.app"},{"name":"web.app","type":"A","ttl":3,"data":"10.20.0.2"}]}
        """;

    public const string Version = """{"version":"0.1.0","apiVersion":"v1","runtime":"10.0.12","kernel":"6.12.0"}""";

    public const string Info = """
        {"instanceId":"0badcafe","version":"0.1.0","kernel":"6.12.0","stateDirectory":"/var/lib/netd","runDirectory":"/run/netd",
        "firewall":"nftables (auto: the kernel has nf_tables)","drivers":["bridge","macvlan"],"networks":2,"sandboxes":1,"endpoints":1,
        "processId":42,"started":"2026-03-14T03:09:26Z"}
        """;

    public const string Cluster =
        """
        {"state":"on","nodeId":"00000000000000aa","address":"192.0.2.1:7946","listen":"[::]:7946","incarnation":7,"health":2,
        "members":{"alive":2,"suspect":1,"failed":0,"left":1},"seeds":["192.0.2.2:7946"],
        "keys":[{"tag":"12ab","isSealing":false},{"tag":"34cd","isSealing":true}],
        "troubles":[{"kind":"NoDatagrams","count":3,"last":"Node 00000000000000bb answers by TCP but not by UDP."}],
        "lines":["left; the keys are forgotten here"]}
        """;

    public const string ClusterKeys =
        """[{"tag":"12ab","isSealing":false,"secret":"AAAA"},{"tag":"34cd","isSealing":true,"secret":"BBBB"}]""";

    public const string Nodes =
        """
        [{"id":"00000000000000aa","status":"alive","address":"192.0.2.1:7946","incarnation":7,"isThis":true},
        {"id":"00000000000000bb","status":"failed","address":"[2001:db8::2]:7946","incarnation":1,"isThis":false}]
        """;

    public const string NameLine =
        """{"time":"2026-03-14T15:09:20Z","name":"web","type":"A","transport":"udp","stage":"names","code":"NOERROR","milliseconds":0}""";

    public const string Event =
        """{"sequence":7,"time":"2026-03-14T15:09:20Z","type":"network.created","object":"aaaa","name":"web","message":"Network web was created."}""";

    public static string Change(string status, string more = "") =>
        $$"""{"id":"{{Id('a')}}","name":"web","status":{{status}}{{more}} }""";

    /// <summary>The usual answer to a request.</summary>
    public static string For(CannedRequest request) => (request.Method, request.Path) switch
    {
        ("GET", "/v1/cluster/keys") => ClusterKeys,
        ("GET", "/v1/nodes") => Nodes,
        (_, var path) when path.StartsWith("/v1/cluster", StringComparison.Ordinal) => Cluster,
        _ when request.Query.Contains("dryRun=true", StringComparison.Ordinal) && request.Path.EndsWith("/prune", StringComparison.Ordinal)
            => """{"removed":["old"]}""",
        _ when request.Path == "/v1/repair" => Plan,
        _ when request.Query.Contains("dryRun=true", StringComparison.Ordinal)
            => $$"""{"id":"{{Id('a')}}","name":"web","plan":{{Plan}} }""",
        ("POST", "/v1/networks/prune") => """{"removed":["old"]}""",
        ("GET", "/v1/networks") => Networks,
        ("GET", "/v1/sandboxes") => Sandboxes,
        ("GET", "/v1/plan" or "/v1/diff") => Plan,
        ("GET", "/v1/doctor") => """{"checks":[]}""",
        ("GET", "/v1/version") => Version,
        ("GET", "/v1/info") => Info,
        ("GET", "/v1/dns") => Names,
        ("GET", "/v1/dns/query") => NameAnswer,
        ("GET", "/v1/ipam") => Ipam,
        ("GET", "/v1/ipam/why") => IpamWhy,
        ("GET", var path) when path.StartsWith("/v1/ipam/networks/", StringComparison.Ordinal) => IpamNetwork,
        ("GET", "/v1/dns/log") => NameLine + "\n",
        ("GET", "/v1/events") => Event + "\n",
        ("GET", var path) when path.StartsWith("/v1/explain/", StringComparison.Ordinal) => Explain,
        ("GET", var path) when path.StartsWith("/v1/sandboxes/", StringComparison.Ordinal) => Sandbox,
        ("GET", _) => Web,
        ("POST", var path) when path.EndsWith("/connect", StringComparison.Ordinal) => Change(Done, $",\"endpoint\":{Endpoint}"),
        _ => Change(Done),
    };

    /// <summary>A server with the usual answers.</summary>
    public static CannedServer Serve() => new(request => CannedServer.Http(200, For(request)));
}
