using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Configuration;
using Networking.Netd.Firewall;

namespace Networking.Netd.Tests.Firewall;

public sealed class FirewallChooserTests
{
    private const string Version = "iptables-restore v1.8.9 (nf_tables)";
    private static readonly FirewallFacts s_all = new(null, Version, IsIptablesLegacy: false, null);
    private static readonly FirewallFacts s_onlyLegacy = new("cannot create table (EOPNOTSUPP)", "iptables-restore v1.8.9 (legacy)", IsIptablesLegacy: true, null);
    private static readonly FirewallFacts s_nothing = new("cannot create table (EOPNOTSUPP)", null, IsIptablesLegacy: false, "iptables-restore is not on PATH");

    [Fact]
    public void Auto_takes_nftables_where_it_works_and_says_so()
    {
        var choice = FirewallChooser.Choose(FirewallWish.Auto, s_all, out _)!; // auto always chooses
        Assert.Equal((FirewallBackend.Nftables, null), (choice.Backend, choice.Warning));
        Assert.StartsWith("nftables: chosen by auto, because this kernel has nf_tables with NAT", choice.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_takes_iptables_where_the_kernel_refuses_nftables_and_repeats_its_words()
    {
        var choice = FirewallChooser.Choose(FirewallWish.Auto, s_onlyLegacy, out _)!; // auto always chooses
        Assert.Equal((FirewallBackend.Iptables, true, null), (choice.Backend, choice.IsLegacy, choice.Warning));
        Assert.Contains("EOPNOTSUPP", choice.Reason, StringComparison.Ordinal);
        Assert.Contains("update-alternatives", FirewallChooser.Choose(FirewallWish.Auto, s_onlyLegacy with { IsIptablesLegacy = false }, out _)!.Warning, StringComparison.Ordinal); // it too
    }

    [Fact]
    public void Auto_without_either_is_nothing_weaker_than_asked_and_warns()
    {
        var choice = FirewallChooser.Choose(FirewallWish.Auto, s_nothing, out var problem)!; // auto always chooses
        Assert.Equal((FirewallBackend.Nftables, null), (choice.Backend, problem));
        Assert.Contains("iptables-restore is not on PATH", choice.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_programs_refuse_what_was_asked_by_name()
    {
        Assert.Null(FirewallChooser.Choose(FirewallWish.Iptables, s_nothing, out var problem));
        Assert.Contains("iptables-restore is not on PATH; apt-get install iptables", problem, StringComparison.Ordinal);
        Assert.Equal(FirewallBackend.None, FirewallChooser.Choose(FirewallWish.None, s_nothing, out _)!.Backend); // needs nothing
    }

    [Theory]
    [InlineData("ip", "filter", "FORWARD", false, true)]
    [InlineData("ip6", "filter", "FORWARD", false, true)]
    [InlineData("ip", "filter", "FORWARD", true, false)]
    [InlineData("inet", "firewalld", "filter_FORWARD", false, false)]
    public void A_chain_that_ours_stands_before_is_no_obstacle(string family, string table, string chain, bool isLegacy, bool isOverruled)
    {
        var drop = new ForeignDrop(family, table, chain, chain, "remedy") { IsLegacy = isLegacy };
        var iptables = FirewallChooser.Choose(FirewallWish.Iptables, s_all, out _)!; // its programs are there
        Assert.Equal(isOverruled, ForeignObstacles.IsOverruled(iptables, drop));
        Assert.False(ForeignObstacles.IsOverruled(FirewallChoice.Nftables, drop));
        Assert.Equal(isOverruled ? [] : [new ForeignChain(family, table, chain)], ForeignObstacles.Of(iptables, [drop]));
    }
}
