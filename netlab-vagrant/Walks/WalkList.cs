using System.Collections.Immutable;

namespace Networking.Netlab.Walks;

/// <summary>
/// Every walk. Hosts and sandboxes are those of docs/packet-walks/bridge.md; the outside is the lab's second host.
/// <code>
///   a 172.20.0.2   b .3      c 172.21.0.2     d 172.22.0.2   e .3     f 172.23.0.2      m 10.150.0.10
///   ── br-web ───────────    ── br-db ────    ── br-quiet ───────     ── br-vault ──    ── eth1 (macvlan)
///      publishes 8080 of a                       icc=false               internal
///   host 10.90.0.1 ── eth0 ── 10.90.0.2, and 10.150.0.200 at eth1: the outside
/// </code>
/// </summary>
internal static class WalkList
{
    private const string Asks = "tcp flags & (syn | ack) == syn";
    private const string Answers = "tcp flags & (syn | ack) == (syn | ack)";

    /// <summary>On the first host, before walks from a to b.</summary>
    public const string Web = """
        netctl create web --subnet 172.20.0.0/24 --subnet fd00:20::/64 -o com.docker.network.bridge.name=br-web >/dev/null
        container web a --ip 172.20.0.2 --ip6 fd00:20::2 -p 8080:80
        container web b --ip 172.20.0.3 --ip6 fd00:20::3
        reaches a 172.20.0.3

        """;

    /// <summary>The same before any walk.</summary>
    public const string Networks = Web + """
        netctl create db --subnet 172.21.0.0/24 -o com.docker.network.bridge.name=br-db >/dev/null
        netctl create quiet --subnet 172.22.0.0/24 -o com.docker.network.bridge.name=br-quiet -o com.docker.network.bridge.enable_icc=false >/dev/null
        netctl create vault --subnet 172.23.0.0/24 -o com.docker.network.bridge.name=br-vault --internal >/dev/null
        netctl create lan --driver macvlan --subnet 10.150.0.0/24 -o parent="$TRUNK" >/dev/null
        container db c --ip 172.21.0.2
        container quiet d --ip 172.22.0.2
        container quiet e --ip 172.22.0.3
        container vault f --ip 172.23.0.2
        container lan m --ip 10.150.0.10
        serve a 80
        # Nobody is asked for hardware addresses any more, and everybody is there.
        eventually connection b 172.20.0.2 80
        eventually connection b fd00:20::2 80
        eventually connection a "$H2" 8000
        eventually connection a "$H2v6" 8000
        """;

    public static ImmutableArray<Walk> All { get; } = [.. Bridged(), .. Out(), .. Published(), .. Blocked(), .. Names(), .. Macvlan()];

    private static IEnumerable<Walk> Bridged()
    {
        var marks = ImmutableArray.Create(Mark.Arrives("the question", "ip saddr 172.20.0.2 icmp type echo-request"), Mark.Arrives("the answer", "ip saddr 172.20.0.3 icmp type echo-reply"));
        yield return new Walk("bridge", "a asks b", "reaches a 172.20.0.3", marks);
        yield return new Walk("bridge", "a asks b, with bridge-nf-call 1", "reaches a 172.20.0.3", marks) { IsBridgeSeen = true };
    }

    private static IEnumerable<Walk> Out()
    {
        yield return new Walk("out", "a asks the outside", "connection a 10.90.0.2 8000",
        [
            Mark.Arrives("the first packet", $"ip saddr 172.20.0.2 tcp dport 8000 {Asks}"),
            Mark.Arrives("the answer", $"ip saddr 10.90.0.2 tcp sport 8000 {Answers}"),
            Mark.Arrives("a later packet", "ip saddr 172.20.0.2 tcp dport 8000 tcp flags & (syn | ack) == ack"),
        ]);
        yield return new Walk("out", "a asks the outside over IPv6", "connection a fd90::2 8000",
        [
            Mark.Arrives("the first packet", $"ip6 saddr fd00:20::2 tcp dport 8000 {Asks}"),
            Mark.Arrives("the answer", $"ip6 saddr fd90::2 tcp sport 8000 {Answers}"),
        ]);
    }

    private static IEnumerable<Walk> Published()
    {
        var answer = Mark.Arrives("the answer", $"ip saddr 172.20.0.2 tcp sport 80 {Answers}");
        yield return FromOutside("published", "the outside asks port 8080 of the host", "connection host 10.90.0.1 8080",
            Mark.Arrives("the first packet", $"ip daddr 10.90.0.1 tcp dport 8080 {Asks}"), answer);
        yield return FromOutside("published", "the outside asks port 8080 of the host over IPv6", "connection host fd90::1 8080",
            Mark.Arrives("the first packet", $"ip6 daddr fd90::1 tcp dport 8080 {Asks}"),
            Mark.Arrives("the answer", $"ip6 saddr fd00:20::2 tcp sport 80 {Answers}"));
        yield return new Walk("published", "the host asks its own address", "connection host 10.90.0.1 8080",
            [Mark.Starts("the first packet", $"ip daddr 10.90.0.1 tcp dport 8080 {Asks}"), answer]);
        yield return new Walk("published", "the host asks 127.0.0.1", "connection host 127.0.0.1 8080",
            [Mark.Starts("the first packet", $"ip daddr 127.0.0.1 tcp dport 8080 {Asks}"), answer]);
        yield return new Walk("published", "the host asks ::1", "connection host ::1 8080",
        [
            Mark.Starts("the first packet", $"ip6 daddr ::1 tcp dport 8080 {Asks}"),
            Mark.Starts("the forwarder's first packet", $"tcp dport 80 {Asks}"),
        ]);
        yield return new Walk("published", "b, of the same network, asks port 8080 of the host", "connection b 10.90.0.1 8080",
            [Mark.Arrives("the first packet", $"ip saddr 172.20.0.3 tcp dport 8080 {Asks}"), answer]);
        yield return new Walk("published", "c, of another network, asks port 8080 of the host", "connection c 10.90.0.1 8080",
            [Mark.Arrives("the first packet", $"ip saddr 172.21.0.2 tcp dport 8080 {Asks}"), answer]);
    }

    private static IEnumerable<Walk> Blocked()
    {
        yield return new Walk("blocked", "c, of another network, sends to a", "datagram c 172.20.0.2 5000", [Mark.Arrives("the packet", "ip saddr 172.21.0.2 udp dport 5000")]);
        yield return FromOutside("blocked", "the outside sends to a's own address", "datagram host 172.20.0.2 5000", Mark.Arrives("the packet", "ip daddr 172.20.0.2 udp dport 5000"));
        yield return FromOutside("blocked", "the outside asks a port that nobody has published", "never connection host 10.90.0.1 8081",
            Mark.Arrives("the packet", $"ip daddr 10.90.0.1 tcp dport 8081 {Asks}"));
        yield return new Walk("blocked", "d sends to e, without icc",
            """
            inside d ip neigh replace 172.22.0.3 lladdr "$(hardware e eth0)" dev eth0
            never_inside d ping -q -n -c 1 -W "$LAB_SILENCE" 172.22.0.3
            """,
            [Mark.Arrives("the packet", "ip saddr 172.22.0.2")]);
        yield return new Walk("blocked", "d sends to e by the gateway, without icc",
            """
            inside d ip neigh replace 172.22.0.3 lladdr "$(hardware host br-quiet)" dev eth0
            datagram d 172.22.0.3 5000
            """,
            [Mark.Arrives("the packet", "ip saddr 172.22.0.2 udp dport 5000")]);
        yield return new Walk("blocked", "f, of an internal network, sends to the outside",
            "inside f ip route replace default via 172.23.0.1; datagram f 10.90.0.2 5000", [Mark.Arrives("the packet", "ip saddr 172.23.0.2 udp dport 5000")]);
    }

    private static IEnumerable<Walk> Names()
    {
        yield return Inside("a", "names", "a asks for b by UDP", "inside a busybox nslookup b.web 127.0.0.11",
            Mark.Starts("the question", "ip daddr 127.0.0.11 udp dport 53"),
            Mark.Starts("the answer", "ip saddr 127.0.0.11 udp sport 61053"));
        yield return Inside("a", "names", "a asks by TCP", "connection a 127.0.0.11 53",
            Mark.Starts("the first packet", $"ip daddr 127.0.0.11 tcp dport 53 {Asks}"),
            Mark.Starts("the answer", $"ip saddr 127.0.0.11 tcp sport 61053 {Answers}"));
    }

    private static IEnumerable<Walk> Macvlan()
    {
        const string Send = "reaches m 10.150.0.200";
        var (question, answer) = ("ip daddr 10.150.0.200 icmp type echo-request", "ip saddr 10.150.0.200 icmp type echo-reply");
        yield return new Walk("macvlan", "m asks the outside", Send, [Mark.Arrives("the question", question), Mark.Arrives("the answer", answer)]);
        yield return Inside("m", "macvlan", "the same, in the sandbox", Send, Mark.Starts("the question", question), Mark.Arrives("the answer", answer));
    }

    private static Walk FromOutside(string page, string title, string send, params ImmutableArray<Mark> marks) => new(page, title, send, marks) { IsFromOutside = true };

    private static Walk Inside(string sandbox, string page, string title, string send, params ImmutableArray<Mark> marks) =>
        new(page, title, send, marks) { Sandbox = sandbox };
}
