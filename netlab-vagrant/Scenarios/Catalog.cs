using System.Collections.Immutable;

namespace Networking.Netlab.Scenarios;

/// <summary>Every scenario, in the order in which they are run: what costs little first.</summary>
internal static class Catalog
{
    public static ImmutableArray<Scenario> All { get; } =
    [
        BridgeScenarios.Basic,
        BridgeScenarios.MtuMix,
        PortScenarios.FromOutside,
        PortScenarios.CablePulled,
        PortScenarios.LossyWire,
        WalkScenarios.PacketWalks,
        WalkScenarios.PacketWalksBridgeNf,
        FirewallScenarios.Flush,
        FirewallScenarios.Iptables,
        FirewallScenarios.BesideUfw,
        EngineScenarios.BesideDocker,
        MacvlanScenarios.TrunkTwoVlans,
        MacvlanScenarios.NoParent,
        HostScenarios.NoneNetwork,
        HostScenarios.HostNetwork,
        RecoveryScenarios.Reboot,
        RecoveryScenarios.PowerCut,
        HostScenarios.SystemdUnits,
        PackageScenarios.InstallUpgradePurge,
    ];

    /// <summary>The scenarios of these names; all of them if there is none.</summary>
    /// <exception cref="ArgumentException">There is none of such a name; the message lists those there are.</exception>
    public static ImmutableArray<Scenario> Choose(IReadOnlyCollection<string> names)
    {
        var unknown = names.Where(static n => All.All(s => s.Id != n)).ToArray();
        return unknown.Length > 0
            ? throw new ArgumentException($"there is no scenario {string.Join(", ", unknown)}; there are: {string.Join(", ", All.Select(static s => s.Id))}", nameof(names))
            : names.Count == 0 ? All : [.. All.Where(s => names.Contains(s.Id))];
    }
}
