using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
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

    // The command looks for names in the sources, because there may be nothing built yet.
    [Fact]
    public void The_command_refuses_an_unknown_name_before_it_builds_and_knows_the_same_names()
    {
        var command = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../netlab-vagrant/netlab"); // a file has a folder
        var start = new ProcessStartInfo("bash", [command, "run", "bridge-basic", "brigde"]) { RedirectStandardError = true, UseShellExecute = false };
        using var shell = Process.Start(start)!; // it is there on every machine that runs tests
        var said = shell.StandardError.ReadToEnd().Trim();
        shell.WaitForExit();
        Assert.Equal(2, shell.ExitCode);
        Assert.StartsWith("netlab: there is no scenario 'brigde'; there are: ", said, StringComparison.Ordinal);
        Assert.Equal(
            Catalog.All.Select(static s => s.Id).Order(StringComparer.Ordinal),
            said[(said.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Split(", ").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_hosts_lack_is_the_reason_and_what_they_have_is_none()
    {
        var scenario = Catalog.All.Single(static s => s.Id == "macvlan-trunk-two-vlans");
        Assert.Equal("needs 802.1Q", LabRun.Lacking(scenario, ImmutableHashSet<string>.Empty));
        Assert.Null(LabRun.Lacking(scenario, [Feature.Vlan, Feature.Dummy]));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
