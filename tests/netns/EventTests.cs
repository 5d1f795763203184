using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>What others do is told, from every namespace over one socket; what we do is not.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task Foreign_changes_in_two_sandboxes_and_the_host_are_told()
    {
        await using var lab = Lab.Open();
        var (first, firstName) = await lab.SandboxAsync();
        var (second, secondName) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var one = await AttachAsync(lab, first, 1);
        var two = await AttachAsync(lab, second, 2);
        Drain(lab);

        Lab.Run("ip", "-n", firstName, "addr", "del", "10.20.0.1/16", "dev", "eth0");
        await ToldAsync(lab, new ObjectChanged(one.Address.Key, null));
        Lab.Run("ip", "-n", secondName, "link", "set", "eth0", "mtu", "1300");
        var changed = await ToldAsync(lab, e => e is ObjectChanged { Current: LinkState { MtuBytes: 1300 } } c && c.Key == two.Peer.Key);
        Assert.Contains("mtu 1300 → 1450", two.Peer.CompareTo(((ObjectChanged)changed).Current!).Fields);
        Lab.Run("ip", "-n", firstName, "link", "set", "eth0", "down");
        await ToldAsync(lab, e => e is ObjectChanged { Current: LinkState { IsUp: false } } c && c.Key == one.Peer.Key);
        Lab.Run("ip", "-n", firstName, "link", "set", "eth0", "up"); // its IPv4 routes went without a word
        await ToldAsync(lab, e => e is EventsLost lost && lost.Namespace == first);
        Lab.Run("ip", "link", "set", lab.Bridge, "alias", string.Empty);
        await ToldAsync(lab, e => e is ObjectChanged c && c.Key == lab.BridgeState().Key);
        Lab.Run("ip", "link", "del", two.Host.Name);
        await ToldAsync(lab, new ObjectChanged(two.Host.Key, null));
    }

    [Fact]
    public async Task The_end_inside_a_sandbox_dies_with_a_foreign_deletion_of_the_hosts_end()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var pair = await AttachAsync(lab, sandbox, 1);
        Drain(lab);
        Lab.Run("ip", "link", "del", pair.Host.Name);
        await ToldAsync(lab, new ObjectChanged(pair.Peer.Key, null));
    }

    [Fact]
    public async Task A_foreign_route_change_is_told()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        _ = await AttachAsync(lab, sandbox, 1);
        var route = new RouteState { Namespace = sandbox, Destination = IPNetwork.Parse("0.0.0.0/0"), Link = "eth0", Gateway = IPAddress.Parse("10.20.9.9") };
        await lab.DoneAsync(sandbox, Lab.Create(route));
        Drain(lab);
        Lab.Run("ip", "-n", name, "route", "replace", "default", "via", "10.20.9.8");
        var changed = (ObjectChanged)await ToldAsync(lab, e => e is ObjectChanged c && c.Key == route.Key);
        Assert.Equal(["via 10.20.9.8 → 10.20.9.9"], route.CompareTo(changed.Current!).Fields);
    }

    [Fact]
    public async Task A_link_that_others_replace_routes_over_is_asked_for_once()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        var name = $"ntr{Environment.ProcessId % 4096:x}";
        Lab.Run("ip", "link", "add", name, "up", "type", "bridge"); // before anybody listens: of it nothing is told
        var script = Path.GetTempFileName();
        try
        {
            await using var lab = Lab.Open();
            await File.WriteAllLinesAsync(
                script,
                Enumerable.Range(0, 200).SelectMany(n => new[] { $"route add 10.214.{n}.0/24 dev {name}", $"route replace 10.214.{n}.0/24 dev {name} mtu 1400" }),
                Lab.Cancel);
            var before = lab.Directory.CountersOf(NetNs.Host).MessagesSent;
            Lab.Run("ip", "-b", script);
            await ToldAsync(lab, static e => e is ObjectChanged { Current: RouteState route } && route.Destination == IPNetwork.Parse("10.214.199.0/24"));
            Assert.InRange(lab.Directory.CountersOf(NetNs.Host).MessagesSent - before, 1, 10);
        }
        finally
        {
            File.Delete(script);
            _ = Lab.TryRun("ip", "link", "del", name);
        }
    }

    [Fact]
    public async Task Our_own_requests_bring_no_event_that_differs_from_what_we_asked()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var pair = await AttachAsync(lab, sandbox, 1);
        Lab.Run("ip", "-n", name, "link", "set", "lo", "down"); // a mark in the stream: what came before has been read
        await lab.DoneAsync(sandbox, Lab.Delete(pair.Peer));
        await lab.DoneAsync(NetNs.Host, Lab.Delete(pair.Host));
        await lab.Kernel.WhenReapedAsync();
        await Task.Delay(50, Lab.Cancel);
        var told = Drain(lab);
        Assert.DoesNotContain(told, e => e is EventsLost);
        Assert.DoesNotContain(told, e => e is ObjectChanged { Current: null });
        TestContext.Current.SendDiagnosticMessage($"own: {string.Join("; ", told)}");
        Assert.True(told.Count < 12, string.Join("; ", told));
    }

    [Fact]
    public async Task A_burst_beyond_the_buffer_is_told_as_loss()
    {
        await using var lab = Lab.Open(options: new NetlinkKernelOptions { EventBufferBytes = 1 });
        var (_, name) = await lab.SandboxAsync();
        Lab.Run("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
        var script = Path.GetTempFileName();
        await File.WriteAllLinesAsync(script, Enumerable.Range(1, 250).Select(n => $"addr add 10.3.0.{n}/24 dev eth0"), Lab.Cancel);
        Lab.Run("ip", "-n", name, "-b", script);
        File.Delete(script);
        Lab.Run("ip", "-n", name, "link", "del", "eth0"); // 250 events without a pause
        await ToldAsync(lab, e => e is EventsLost { Namespace: null });
    }

    [Fact]
    public async Task Events_nobody_reads_are_dropped_and_told_as_loss()
    {
        await using var lab = Lab.Open(options: new NetlinkKernelOptions { EventsMax = 4 });
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        for (var mtu = 1400; mtu < 1420; mtu++)
        {
            Lab.Run("ip", "link", "set", lab.Bridge, "mtu", $"{mtu}");
        }

        await ToldAsync(lab, e => e is EventsLost { Namespace: null });
    }

    [Fact]
    public async Task A_namespace_that_ends_is_told()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        Lab.Run("ip", "netns", "del", name);
        Assert.False(lab.Directory.IsAlive(sandbox));
        var state = await lab.Kernel.ObserveAsync(new Observation(sandbox, lab.Tag, []), Lab.Cancel);
        Assert.Equal(0, state.Count); // noticing it closed our own sockets, so the namespace could end
        await ToldAsync(lab, new EventsLost(sandbox, "the namespace is gone"));
    }

    [Fact]
    public async Task Nothing_is_remembered_of_sandboxes_that_were_forgotten()
    {
        await using var lab = Lab.Open();
        var events = new RouteEvents(lab.Directory, static _ => { });
        lab.Directory.Forgotten = events.Forget;
        var path = $"/run/netns/{lab.Bridge}";
        byte[] link = [0, 0, 4, 3, 7, .. new byte[11], 8, 0, 3, 0, .. "eth\0"u8]; // struct ifinfomsg, IFLA_IFNAME
        for (var round = 0; round < 1000; round++)
        {
            var sandbox = (await lab.Directory.CreateAsync(path, [], Lab.Cancel)).Namespace;
            events.Watch(new ObjectKey(sandbox, ObjectKind.Link, "eth"));
            events.Take(IdOf(lab, sandbox), RouteMessageType.NewLink, NetlinkFlags.None, 0, link);
            Assert.Equal(1, events.Count);
            await lab.Directory.RemoveAsync(sandbox, path);
        }

        events.Take(int.MaxValue, RouteMessageType.NewLink, NetlinkFlags.None, 0, link);
        Assert.Equal(0, events.Count);
    }

    [Fact]
    public async Task The_end_of_an_ids_former_namespace_read_late_is_not_taken_for_that_of_the_next()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var id = IdOf(lab, sandbox);
        var told = new List<KernelEvent>();
        new RouteEvents(lab.Directory, told.Add).Take(null, RouteMessageType.DeleteNamespaceId, NetlinkFlags.None, 0, EndOf(id));
        Assert.Empty(told);
        Assert.Equal(sandbox, lab.Directory.NamespaceOfId(id));

        Lab.Run("ip", "netns", "del", name);
        await lab.Kernel.ObserveAsync(new Observation(sandbox, lab.Tag, []), Lab.Cancel); // noticing it closes our own sockets
        await ToldAsync(lab, new EventsLost(sandbox, "the namespace is gone"));
        Assert.Null(lab.Directory.NamespaceOfId(id));

        static byte[] EndOf(int id) => [0, 0, 0, 0, 8, 0, 1, 0, .. BitConverter.GetBytes(id)]; // struct rtgenmsg, NETNSA_NSID
    }

    [Fact]
    public async Task A_foreign_transaction_on_our_table_is_told_with_its_process()
    {
        await using var lab = Lab.Open();
        var existed = Lab.TryRun("nft", "list", "table", "inet", Ownership.FirewallTable).Code == 0;
        Assert.SkipWhen(existed, "needs a host without our table");
        try
        {
            Lab.Run("nft", "add", "table", "inet", "netd-other");
            Lab.Run("nft", "add", "table", "inet", Ownership.FirewallTable);
            var changed = (FirewallChanged)await ToldAsync(lab, e => e is FirewallChanged);
            Assert.Equal("nft", changed.ProcessName);
            Assert.Equal(NetNs.Host, changed.Namespace);
            Assert.DoesNotContain(Drain(lab), e => e is FirewallChanged);
        }
        finally
        {
            _ = Lab.TryRun("nft", "delete", "table", "inet", "netd-other");
            _ = Lab.TryRun("nft", "delete", "table", "inet", Ownership.FirewallTable);
        }
    }

    [Fact]
    public async Task A_foreign_forward_chain_is_told_when_it_comes_changes_and_goes()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        Lab.Run("nft", "add table ip netd-old; add chain ip netd-old forward { type filter hook forward priority 0; }");
        await using var lab = Lab.Open();
        try
        {
            Lab.Run("nft", "add table ip netd-other; add chain ip netd-other other; add chain ip netd-other input { type filter hook input priority 0; }");
            Lab.Run("nft", "delete chain ip netd-other input; add rule ip netd-old forward counter");
            Assert.Equal(0, await CountAsync(lab));

            Lab.Run("nft", "add chain ip netd-other a { type filter hook forward priority 0; }; add chain ip netd-other b { type filter hook forward priority 1; }");
            Assert.Equal(1, await CountAsync(lab));
            Lab.Run("nft", "chain ip netd-other a { policy drop; }");
            Assert.Equal(1, await CountAsync(lab));
            Lab.Run("nft", "delete chain ip netd-other a");
            Assert.Equal(1, await CountAsync(lab));
            Lab.Run("nft", "delete table ip netd-old"); // it stood before we listened
            Assert.Equal(1, await CountAsync(lab));
            Lab.Run("nft", "delete table ip netd-other"); // the rest of it
            Assert.Equal(1, await CountAsync(lab));
        }
        finally
        {
            _ = Lab.TryRun("nft", "delete", "table", "ip", "netd-old");
            _ = Lab.TryRun("nft", "delete", "table", "ip", "netd-other");
        }
    }

    [Fact]
    public async Task Our_rule_taken_out_of_a_foreign_chain_is_told()
    {
        await using var lab = Lab.Open();
        try
        {
            Lab.Run("nft", "add table ip netd-other; add chain ip netd-other a; add rule ip netd-other a counter comment \"theirs\"; add rule ip netd-other a counter comment \"netd admits its own\"");
            Lab.Run("nft", "flush chain ip netd-other a");
            Assert.Equal("nft", ((FirewallChanged)await ToldAsync(lab, e => e is FirewallChanged)).ProcessName);
            Lab.Run("nft", "add rule ip netd-other a counter comment \"theirs\"");
            Lab.Run("nft", "flush chain ip netd-other a");
            _ = await CountAsync(lab);
            Assert.DoesNotContain(Drain(lab), e => e is FirewallChanged);
        }
        finally
        {
            _ = Lab.TryRun("nft", "delete", "table", "ip", "netd-other");
        }
    }

    // Events come in order: behind a change of our own making nothing of what was before it can follow.
    private static async Task<int> CountAsync(Lab lab)
    {
        Lab.Run("nft", "add table inet netd");
        var told = new List<KernelEvent>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Lab.Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        while (!told.Exists(static e => e is FirewallChanged))
        {
            told.Add(await lab.Kernel.Events.ReadAsync(deadline.Token));
        }

        Lab.Run("nft", "delete table inet netd");
        _ = await ToldAsync(lab, e => e is FirewallChanged);
        return told.Count(static e => e is ForeignFirewallChanged);
    }

    private static async Task<(LinkState Host, LinkState Peer, AddressState Address)> AttachAsync(Lab lab, NetNs sandbox, int number)
    {
        var (host, peer) = lab.Pair(sandbox, number);
        var address = Lab.Address(sandbox, "eth0", $"10.20.0.{number}/16");
        await lab.DoneAsync(NetNs.Host, Lab.Create(host));
        await lab.DoneAsync(sandbox, Lab.Create(peer), Lab.Create(address));
        return (host, peer, address);
    }

    private static int IdOf(Lab lab, NetNs sandbox) => Enumerable.Range(0, 1 << 16).First(number => lab.Directory.NamespaceOfId(number) == sandbox);

    private static List<KernelEvent> Drain(Lab lab)
    {
        var told = new List<KernelEvent>();
        while (lab.Kernel.Events.TryRead(out var item))
        {
            told.Add(item);
        }

        return told;
    }

    private static Task<KernelEvent> ToldAsync(Lab lab, KernelEvent expected) => ToldAsync(lab, e => e == expected);

    private static async Task<KernelEvent> ToldAsync(Lab lab, Predicate<KernelEvent> expected)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Lab.Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        var told = new List<KernelEvent>();
        try
        {
            while (true)
            {
                var item = await lab.Kernel.Events.ReadAsync(deadline.Token);
                told.Add(item);
                if (expected(item))
                {
                    return item;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"never told; instead: {string.Join("; ", told)}");
            throw;
        }
    }
}
