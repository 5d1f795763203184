using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;
using static Networking.NetnsFirewall.Tests.Firewall;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>Our one rule in chains of others, beside iptables and nft, which go on reading and writing them.</summary>
public sealed class AdmissionTests
{
    private const uint OurMark = 0x00400000;
    private const string Listed = "-m mark --mark 0x400000/0x400000 -m comment --comment \"netd admits its own\" -j ACCEPT";

    private static readonly ForeignAdmissionState Forward = In("ip", "filter", "FORWARD");
    private static readonly ForeignAdmissionState User = In("ip", "filter", "DOCKER-USER");
    private static readonly ForeignAdmissionState Forward6 = In("ip6", "filter", "FORWARD");
    private static readonly ForeignAdmissionState Zones = In("inet", "zones", "forwarding");

    [Fact]
    public void Rule_stands_first_and_iptables_lists_it_like_its_own()
    {
        using var ns = Filtering();

        ns.Inside(() => Apply([.. Create(Table, Forward, User, Forward6, Zones)]));

        Assert.Equal(
            ["-P FORWARD DROP", $"-A FORWARD {Listed}", "-A FORWARD -j DOCKER-USER", "-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT"],
            Lines(ns.Run("iptables", "-S", "FORWARD")));
        Assert.Equal(["-N DOCKER-USER", $"-A DOCKER-USER {Listed}", "-A DOCKER-USER -j RETURN"], Lines(ns.Run("iptables", "-S", "DOCKER-USER")));
        Assert.Contains($"-A FORWARD {Listed}", Lines(ns.Run("ip6tables", "-S", "FORWARD")));
        Assert.Contains("comment \"netd admits its own\"", ns.Run("nft", "list", "chain", "inet", "zones", "forwarding"), StringComparison.Ordinal);
        Assert.True(ns.Try("iptables", "-C", "FORWARD", "-p", "tcp", "--dport", "80", "-j", "ACCEPT"));
        Assert.True(ns.Try("iptables", "-C", "FORWARD", "-m", "mark", "--mark", "0x400000/0x400000", "-m", "comment", "--comment", "netd admits its own", "-j", "ACCEPT"));
        Assert.True(ns.Try("iptables", "-I", "DOCKER-USER", "-s", "192.0.2.9", "-j", "DROP"));
        Assert.True(ns.Try("iptables", "-D", "DOCKER-USER", "-s", "192.0.2.9", "-j", "DROP"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rule_is_read_back_and_taken_out_and_nothing_else_changes(bool usesDestroy)
    {
        using var ns = Filtering();
        var before = ns.Run("nft", "list", "ruleset");
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel) { UsesDestroy = usesDestroy };
            Assert.Empty(Errors(transport.Apply(Create(Forward, User, Forward6, Zones))));

            Assert.Equal(Sorted(Forward, User, Forward6, Zones), Sorted([.. transport.Observe(NetNs.Host, TableName)]));
            Assert.Empty(Errors(transport.Apply(Delete(Forward, User, Forward6, Zones))));
            Assert.Empty(transport.Observe(NetNs.Host, TableName));
            Assert.Empty(Errors(transport.Apply(Delete(Forward, User, Forward6, Zones))));
        });
        Assert.Equal(before, ns.Run("nft", "list", "ruleset"));
    }

    [Fact]
    public void Rule_that_iptables_restored_or_repeated_is_still_ours()
    {
        using var ns = Filtering();
        ns.Inside(() => Apply(Create(Forward)));

        ns.Run("sh", "-c", "iptables-save | iptables-restore");
        ns.Run("sh", "-c", $"iptables -A FORWARD {Listed}");

        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Assert.Equal([Forward], transport.Observe(NetNs.Host, TableName));
            Assert.Empty(Errors(transport.Apply(Delete(Forward))));
        });
        Assert.DoesNotContain("netd", ns.Run("iptables", "-S"), StringComparison.Ordinal);
    }

    [Fact]
    public void Rule_that_others_changed_is_not_as_desired()
    {
        using var ns = Filtering();
        ns.Run("iptables", "-I", "FORWARD", "-s", "192.0.2.0/24", "-m", "mark", "--mark", "0x400000/0x400000", "-m", "comment", "--comment", "netd admits its own", "-j", "ACCEPT");
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);

            var observed = Assert.Single(transport.Observe(NetNs.Host, TableName, [Forward]));

            Assert.Equal(DifferenceKind.Replace, Forward.CompareTo(observed).Kind);
            Assert.Empty(Errors(transport.Apply([.. Delete(observed), .. Create(Forward)])));
            Assert.Equal([Forward], transport.Observe(NetNs.Host, TableName, [Forward]));
        });
    }

    [Fact]
    public void Chain_that_went_meanwhile_is_named_and_nothing_is_done()
    {
        using var ns = Filtering();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);

            var results = transport.Apply(Create(Table, Bridges, In("ip", "filter", "GONE"), In("ip6", "mangle", "FORWARD")));

            Assert.Equal(["ECANCELED", "ECANCELED", "ENOENT", "ENOENT"], results.Select(static r => r.Error?.ErrnoName));
            Assert.All(results, static r => Assert.True(r.Error!.IsTransient));
            Assert.Equal(
                "cannot create rule in ip filter GONE: meta mark & 0x00400000 == 0x00400000 accept: its table or chain is not there any more (ENOENT)",
                results[2].Error?.ToString());
            Assert.Empty(transport.Observe(NetNs.Host, TableName));

            // What is not there need not be taken out, not even its table, and does not keep the rest from being done.
            Assert.Empty(Errors(transport.Apply([.. Delete(In("ip", "filter", "GONE"), In("ip6", "mangle", "FORWARD")), .. Create(Table)])));
            Assert.Equal([Table], transport.Observe(NetNs.Host, TableName));
        });
    }

    [Theory]
    [InlineData("ip", 0u)]
    [InlineData("bridge", OurMark)]
    public void Rule_that_would_admit_everything_or_nothing_is_refused(string family, uint mark)
    {
        using var ns = Filtering();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);

            Assert.Equal("EINVAL", transport.Apply(Create(In(family, "filter", "FORWARD") with { Mark = mark }))[0].Error?.ErrnoName);
        });
    }

    [Fact]
    public void Marked_packets_pass_a_chain_that_drops_the_rest()
    {
        using var stage = new TranslationStage();
        stage.Router.Run("iptables", "-P", "FORWARD", "DROP");
        stage.Router.Run("ip6tables", "-P", "FORWARD", "DROP");
        Assert.False(Pings("10.83.0.2"), "nothing passes");
        var ours = Chain(
            "forward",
            new BaseChain("filter", FirewallHook.Forward, -10),
            FirewallRule.Create("mark", new SetMark(OurMark), new Verdict(FirewallVerdict.Accept)));

        stage.Router.Inside(() => Apply(Create(Table, ours)));
        Assert.False(Pings("10.83.0.2"), "marked, and dropped by the others nevertheless");
        stage.Router.Inside(() => Apply(Create(Forward, Forward6)));
        Assert.True(Pings("10.83.0.2"), "admitted");
        Assert.True(Pings("fd83::2"), "admitted");
        stage.Router.Inside(() => Apply(Delete(Forward, Forward6)));
        Assert.False(Pings("10.83.0.2"), "not admitted any more");

        bool Pings(string address) => stage.Client.Try("ping", "-nqc1", "-W1", address);
    }

    [Fact]
    public void Chains_of_others_are_read_only_while_there_may_be_rules_of_ours()
    {
        using var ns = Filtering();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            int Sends(params ForeignAdmissionState[] wanted)
            {
                var before = channel.Sends;
                _ = transport.Observe(NetNs.Host, TableName, wanted);
                return channel.Sends - before;
            }

            var first = Sends();
            var again = Sends();
            Assert.True(first > again, $"{first} requests the first time, {again} when there is nothing of ours");
            Assert.True(Sends(Forward) > again);
            Assert.Empty(Errors(transport.Apply(Create(Forward))));
            Assert.True(Sends() > again);
        });
    }

    // Somebody's filters that drop what nothing accepts: those of iptables with a chain for users, and one of nft.
    private static TestNamespace Filtering()
    {
        var ns = new TestNamespace();
        ns.Run("iptables", "-P", "FORWARD", "DROP");
        ns.Run("iptables", "-N", "DOCKER-USER");
        ns.Run("iptables", "-A", "DOCKER-USER", "-j", "RETURN");
        ns.Run("iptables", "-A", "FORWARD", "-j", "DOCKER-USER");
        ns.Run("iptables", "-A", "FORWARD", "-p", "tcp", "--dport", "80", "-j", "ACCEPT");
        ns.Run("ip6tables", "-P", "FORWARD", "DROP");
        ns.Run("nft", "add table inet zones; add chain inet zones forwarding { type filter hook forward priority 10; policy drop; }");
        return ns;
    }

    private static ForeignAdmissionState In(string family, string table, string chain) =>
        new() { Namespace = NetNs.Host, Family = family, Table = table, Chain = chain, Mark = OurMark };

    private static IEnumerable<KernelObject> Sorted(params IEnumerable<KernelObject> objects) => objects.OrderBy(static o => o.Key);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
