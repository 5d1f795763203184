namespace Networking.Daemon.Tests.Staging;

/// <summary>What a host was like before netd came.</summary>
/// <param name="Name">For the test's name.</param>
internal sealed record HostKind(string Name)
{
    private const string Call = "net/bridge/bridge-nf-call-ip";

    // Docker Engine 28, one bridge, no container: what `iptables-save` shows of it.
    private const string DockerFilter = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :DOCKER - [0:0]
        :DOCKER-BRIDGE - [0:0]
        :DOCKER-CT - [0:0]
        :DOCKER-FORWARD - [0:0]
        :DOCKER-ISOLATION-STAGE-1 - [0:0]
        :DOCKER-ISOLATION-STAGE-2 - [0:0]
        :DOCKER-USER - [0:0]
        -A FORWARD -j DOCKER-USER
        -A FORWARD -j DOCKER-FORWARD
        -A DOCKER ! -i docker0 -o docker0 -j DROP
        -A DOCKER-BRIDGE -o docker0 -j DOCKER
        -A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A DOCKER-FORWARD -j DOCKER-CT
        -A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1
        -A DOCKER-FORWARD -j DOCKER-BRIDGE
        -A DOCKER-FORWARD -i docker0 -j ACCEPT
        -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
        -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
        -A DOCKER-USER -j RETURN
        COMMIT

        """;

    private const string DockerNat4 = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :DOCKER - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
        -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
        -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
        COMMIT

        """;

    // What `ufw enable` leaves in the way of forwarded packets; its rules for the host's own services are the user's business.
    private const string Ufw = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :PREFIX-before-forward - [0:0]
        :PREFIX-reject-forward - [0:0]
        :PREFIX-user-forward - [0:0]
        -A FORWARD -j PREFIX-before-forward
        -A FORWARD -j PREFIX-reject-forward
        -A PREFIX-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A PREFIX-before-forward -j PREFIX-user-forward
        COMMIT

        """;

    // What firewalld 1.3 makes of one zone for the uplink, in which the ports of the page are open, and of `netctl doctor`'s commands:
    // bridges in zone trusted, and a policy from anywhere to it. Chains that only jump are left out.
    private const string Firewalld = """
        table inet firewalld {
            chain filter_PREROUTING {
                type filter hook prerouting priority 10
                icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
                meta nfproto ipv6 fib saddr . mark . iif oif missing drop
            }
            chain filter_INPUT {
                type filter hook input priority 10
                ct state { established, related } accept
                ct status dnat accept
                iifname "lo" accept
                ct state invalid drop
                iifname "br-*" accept
                tcp dport 7000-8999 accept
                udp dport 7000-8999 accept
                meta l4proto { icmp, ipv6-icmp } accept
                reject with icmpx type admin-prohibited
            }
            chain filter_FORWARD {
                type filter hook forward priority 10
                ct state { established, related } accept
                ct status dnat accept
                iifname "lo" accept
                ct state invalid drop
                jump filter_FORWARD_ZONES
                reject with icmpx type admin-prohibited
            }
            chain filter_FORWARD_ZONES {
                oifname "br-*" accept
                iifname "br-*" accept
            }
        }

        """;

    /// <summary>Nothing was done to it.</summary>
    public static HostKind Clean { get; } = new("clean");

    /// <summary>Those that somebody did something to.</summary>
    public static IReadOnlyList<HostKind> Dirty { get; } =
    [
        new("bridge-nf-call") { IsBridgeFiltered = true },
        new("rp_filter") { ReversePath = "1" },
        new("router advertisements") { IsAdvertised = true },
        new("Docker") { IsBridgeFiltered = true, IsForwarding = true, Tables4 = DockerNat4 + DockerFilter, Tables6 = DockerFilter },
        new("ufw") { Tables4 = Ufw.Replace("PREFIX", "ufw", StringComparison.Ordinal), Tables6 = Ufw.Replace("PREFIX", "ufw6", StringComparison.Ordinal) },
        new("firewalld") { Tables = Firewalld },
    ];

    /// <summary>
    /// The host of all tests whose class does not choose one itself, as NETD_TEST_HOST names it: a name of <see cref="Dirty"/>, or
    /// <c>dirty</c> for what Docker's host usually is: bridged packets filtered, strict reverse paths, forwarding on, policy drop.
    /// Null if it is clean.
    /// </summary>
    public static HostKind? Given { get; } = Environment.GetEnvironmentVariable("NETD_TEST_HOST") switch
    {
        null or "" => null,
        "dirty" => Dirty.Single(static k => k.Name == "Docker") with { Name = "dirty", ReversePath = "1" },
        var name => Dirty.Single(k => k.Name == name),
    };

    /// <summary>Skips a test that is about a host which nobody did anything to.</summary>
    public static void SkipUnlessClean(string why) => Assert.SkipUnless(Given is null, $"needs a clean host: {why}");

    /// <summary>br_netfilter calls the firewall for bridged packets.</summary>
    public bool IsBridgeFiltered { get; init; }

    /// <summary>It was a router already.</summary>
    public bool IsForwarding { get; init; }

    /// <summary>Value of rp_filter everywhere: strict is 1 (RFC 3704).</summary>
    public string ReversePath { get; init; } = "0";

    /// <summary>Its IPv6 default route comes from router advertisements.</summary>
    public bool IsAdvertised { get; init; }

    /// <summary>Tables for iptables-restore.</summary>
    public string? Tables4 { get; init; }

    /// <summary>Tables for ip6tables-restore.</summary>
    public string? Tables6 { get; init; }

    /// <summary>Tables for nft.</summary>
    public string? Tables { get; init; }

    public override string ToString() => Name;

    /// <summary>Makes the host so, before the daemon starts.</summary>
    public async Task PrepareAsync(Stage stage)
    {
        var host = stage.Host;
        if (File.Exists($"/proc/sys/{Call}tables"))
        {
            host.SetSysctl($"{Call}tables", IsBridgeFiltered ? "1" : "0");
            host.SetSysctl($"{Call}6tables", IsBridgeFiltered ? "1" : "0");
        }
        else
        {
            Assert.SkipWhen(IsBridgeFiltered, "needs the kernel module br_netfilter");
        }

        foreach (var path in new[] { "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/default/forwarding" })
        {
            host.SetSysctl(path, IsForwarding ? "1" : "0");
        }

        foreach (var link in (await host.LinksAsync()).Concat(["all", "default"]))
        {
            host.SetSysctl($"net/ipv4/conf/{link}/rp_filter", ReversePath);
        }

        if (IsAdvertised)
        {
            await AdvertiseAsync(stage);
        }

        await LoadAsync(Tables4, "iptables-restore");
        await LoadAsync(Tables6, "ip6tables-restore");
        await LoadAsync(Tables, "nft", "-f", "-");

        async Task LoadAsync(string? tables, params string[] command)
        {
            if (tables is not null)
            {
                _ = (await Tool.RunAsync(TimeSpan.FromSeconds(20), tables, "nsenter", [$"--net={host.Path}", "env", $"PATH={stage.SearchPath}", .. command])).Succeeded();
            }
        }
    }

    private static async Task AdvertiseAsync(Stage stage)
    {
        await stage.Host.IpAsync("-6 route del default");
        stage.World.SetSysctl("net/ipv6/conf/uplink/forwarding", "1"); // or it says in its next neighbour advertisement that it is no router
        stage.Host.SetSysctl("net/ipv6/conf/uplink/accept_ra", "1");
        var router = stage.Keep(await RouterAdvertiser.OpenAsync(stage.World, "uplink"));
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(5),
            async () =>
            {
                await router.SendAsync();
                return await stage.Host.DefaultDeviceAsync(6) == "uplink";
            },
            stage.Host.SightAsync);
    }
}
