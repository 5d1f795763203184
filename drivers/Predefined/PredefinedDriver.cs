using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// The driver of one network that is always there, of the same name. Its endpoints have no interface: they say that a
/// sandbox is on it, and nothing of it is in the kernel.
/// </summary>
public sealed class PredefinedDriver : INetworkDriver
{
    private readonly NetworkTraits _traits;

    private PredefinedDriver(string name, NetworkTraits traits)
    {
        Name = name;
        _traits = traits with { IsPredefined = true, Gateway4 = GatewayRule.None, Gateway6 = GatewayRule.None };
    }

    /// <summary>The host's own network: a sandbox on it is in the host's namespace, with the host's interfaces and ports.</summary>
    public static PredefinedDriver Host { get; } = new("host", new NetworkTraits
    {
        PortsAreDiscarded = "a sandbox on network host listens on the host's own ports",
        Sandbox = SandboxRule.Host,
    });

    /// <summary>No network: a sandbox on it has its loopback and nothing else, and is on no other network.</summary>
    public static PredefinedDriver None { get; } = new("none", new NetworkTraits
    {
        PortsAreDiscarded = "a sandbox on network none is reached by nobody",
        Sandbox = SandboxRule.Alone,
    });

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>What its one network was asked to be.</summary>
    public NetworkSpec Spec => new() { Name = Name, Driver = Name, Ipv4 = false };

    /// <inheritdoc/>
    public ValidationResult Validate(NetworkSpec spec) => new(
    [
        new Problem(
            "driver.single",
            "--driver",
            $"only one network of driver {Name} can be, and it is there already: network {Name}",
            $"netctl connect {Name} SANDBOX"),
    ]);

    /// <inheritdoc/>
    public HostVerdict JudgeHost(NetworkSpec spec, HostFacts host) => HostVerdict.Fine;

    /// <inheritdoc/>
    public NetworkTraits TraitsOf(NetworkSpec spec) => _traits;

    /// <summary>Whatever is asked of an interface is refused: there is none to have it.</summary>
    public ValidationResult Validate(NetworkSpec network, EndpointSpec endpoint)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endpoint);
        var problems = ImmutableArray.CreateBuilder<Problem>();
        EndpointRules.CheckNames(endpoint, problems);
        (string Field, bool IsAsked)[] asked =
        [
            ("--ip", endpoint.Ipv4 is not null),
            ("--ip6", endpoint.Ipv6 is not null),
            ("--mac", endpoint.Mac is not null),
            ("--ifname", endpoint.InterfaceName is not null),
            ("--gw-priority", endpoint.GatewayPriority != 0),
            ("--sysctl", endpoint.Sysctls.Count > 0),
            ("--dns", !endpoint.Dns.Servers.IsEmpty),
            ("--dns-search", !endpoint.Dns.Search.IsEmpty),
            ("--dns-option", !endpoint.Dns.Options.IsEmpty),
            ("--link", endpoint.Links.Count > 0),
            ("-o", endpoint.Options.Count > 0),
        ];
        problems.AddRange(asked.Where(static a => a.IsAsked).Select(a => new Problem(
            "endpoint.bare", a.Field, $"an endpoint on network {Name} has no interface of its own, so {a.Field} means nothing there", "leave it out")));
        return new ValidationResult(problems.ToImmutable());
    }

    /// <inheritdoc/>
    public NetworkVerdict JudgeChange(NetworkRecord network, IEnumerable<EndpointRecord> endpoints, NetworkSpec after) => new(
        [new Problem("network.predefined", null, $"network {Name} is predefined and cannot be changed", "create a network of your own")],
        [],
        ReachesEndpoints: false);

    /// <inheritdoc/>
    public string? OtherNameOf(string option) => null;

    /// <inheritdoc/>
    public KernelState Desired(NetworkView network) => KernelState.Empty;

    /// <inheritdoc/>
    public KernelState Desired(NetworkView network, EndpointView endpoint) => KernelState.Empty;
}
