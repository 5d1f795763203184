using System.Collections.Immutable;
using Networking.Netlab.Running;
using Networking.Netlab.Scenarios;

namespace Networking.Netlab.Tests;

/// <summary>Which scenarios there are, and which are not run where.</summary>
public sealed class CatalogTests
{
    // Those that a release is judged by.
    private static readonly string[] s_promised =
    [
        "bridge-basic", "ports-from-outside", "macvlan-trunk-two-vlans", "iptables-backend", "firewall-flush", "reboot-recovers",
        "deb-install-upgrade-purge",
    ];

    [Fact]
    public void Every_promised_scenario_is_there_once()
    {
        foreach (var id in s_promised)
        {
            _ = Assert.Single(Catalog.All, s => s.Id == id);
        }
    }

    [Fact]
    public void Names_are_unique_and_fit_into_a_path()
    {
        Assert.Equal(Catalog.All.Length, Catalog.All.Select(static s => s.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Catalog.All, static s => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", s.Id));
    }

    [Fact]
    public void Without_names_all_are_chosen_and_an_unknown_name_is_refused_with_those_there_are()
    {
        Assert.Equal(Catalog.All, Catalog.Choose([]));
        Assert.Equal(["bridge-basic"], Catalog.Choose(["bridge-basic"]).Select(static s => s.Id));
        var error = Assert.Throws<ArgumentException>(static () => Catalog.Choose(["bridge-basic", "brigde"]));
        Assert.Contains("brigde", error.Message, StringComparison.Ordinal);
        Assert.Contains("firewall-flush", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_hosts_lack_is_the_reason_and_what_they_have_is_none()
    {
        var scenario = Catalog.All.Single(static s => s.Id == "macvlan-trunk-two-vlans");
        Assert.Equal("needs 802.1Q", LabRun.Lacking(scenario, ImmutableHashSet<string>.Empty));
        Assert.Null(LabRun.Lacking(scenario, [Feature.Vlan, Feature.Dummy]));
    }
}
