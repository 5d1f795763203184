using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>The options of a bridge network, typed.</summary>
public sealed record BridgeOptions
{
    private const int MtuBytesDefault = 1500; // ETH_DATA_LEN: what the kernel gives bridges and veths

    private static readonly DriverOption Name = new("com.docker.network.bridge.name", "name");
    private static readonly DriverOption Masquerade = new("com.docker.network.bridge.enable_ip_masquerade", "masquerade");
    private static readonly DriverOption Icc = new("com.docker.network.bridge.enable_icc", "icc");
    private static readonly DriverOption Mode4 = new("com.docker.network.bridge.gateway_mode_ipv4", "gateway-mode-ipv4");
    private static readonly DriverOption Mode6 = new("com.docker.network.bridge.gateway_mode_ipv6", "gateway-mode-ipv6");
    private static readonly DriverOption Inhibit4 = new("com.docker.network.bridge.inhibit_ipv4", "inhibit-ipv4");
    private static readonly DriverOption Binding4 = new("com.docker.network.bridge.host_binding_ipv4", "host-binding-ipv4");
    private static readonly DriverOption Source4 = new("com.docker.network.host_ipv4", "host-ipv4");
    private static readonly DriverOption Source6 = new("com.docker.network.host_ipv6", "host-ipv6");
    private static readonly DriverOption Trusted = new("com.docker.network.bridge.trusted_host_interfaces", "trusted-host-interfaces");
    private static readonly DriverOption DefaultBridge = new("com.docker.network.bridge.default_bridge");
    private static readonly DriverOption Expose = new("netd.bridge.expose", "expose");

    private static readonly DriverOption[] Known =
        [Icc, Drivers.InterfacePrefix.Option, Masquerade, MtuRules.Option, Name, Mode4, Mode6, Inhibit4, Binding4, Source4, Source6, Trusted, DefaultBridge, Expose, .. AnnounceRules.Options];

    private static readonly (string Word, GatewayMode Mode)[] Modes =
    [
        ("nat", GatewayMode.Nat),
        ("nat-unprotected", GatewayMode.NatUnprotected),
        ("routed", GatewayMode.Routed),
        ("isolated", GatewayMode.Isolated),
    ];

    private static readonly (string Word, PortExposure Exposure)[] Exposures =
    [
        ("loopback", PortExposure.Loopback),
        ("lan", PortExposure.Lan),
        ("world", PortExposure.World),
    ];

    /// <summary>
    /// Device name asked for; a bridge of that name is adopted. Null for one made from the network's id.
    /// </summary>
    public string? LinkName { get; init; }

    /// <summary>Whether packets that leave the host carry the host's address.</summary>
    public bool HasMasquerade { get; init; } = true;

    /// <summary>Whether endpoints of the network may talk to each other.</summary>
    public bool HasIcc { get; init; } = true;

    /// <summary>MTU of the bridge and its endpoints; null for the kernel's default.</summary>
    public int? MtuBytes { get; init; }

    /// <summary>What interface names in sandboxes begin with.</summary>
    public string InterfacePrefix { get; init; } = "eth";

    /// <summary>How IPv4 meets the world.</summary>
    public GatewayMode Ipv4Mode { get; init; }

    /// <summary>How IPv6 meets the world.</summary>
    public GatewayMode Ipv6Mode { get; init; }

    /// <summary>The bridge has no IPv4 address, for the gateway is some other machine on it.</summary>
    public bool InhibitsIpv4 { get; init; }

    /// <summary>Host address of published ports that name none; null for all addresses of both families (T21).</summary>
    public IPAddress? HostBinding4 { get; init; }

    /// <summary>Address with which IPv4 packets leave the host; null for the outgoing interface's.</summary>
    public IPAddress? SourceAddress4 { get; init; }

    /// <summary>Address with which IPv6 packets leave the host; null for the outgoing interface's.</summary>
    public IPAddress? SourceAddress6 { get; init; }

    /// <summary>Interfaces of the host from which sandboxes' own addresses are reached, at published ports.</summary>
    public ImmutableArray<string> TrustedInterfaces { get; init; } = [];

    /// <summary>Who may reach published ports that do not say so themselves; null for the daemon's default.</summary>
    public PortExposure? Exposure { get; init; }

    /// <summary>How endpoints announce their addresses unless they say otherwise.</summary>
    public AnnounceWish Announce { get; init; }

    /// <summary>How a family meets the world.</summary>
    public GatewayMode ModeOf(bool isIpv6) => isIpv6 ? Ipv6Mode : Ipv4Mode;

    /// <summary>The source address of a family's packets; null for the outgoing interface's.</summary>
    public IPAddress? SourceAddressOf(bool isIpv6) => isIpv6 ? SourceAddress6 : SourceAddress4;

    /// <summary>Whether the bridge carries the gateway's address of a family.</summary>
    public bool HasBridgeAddress(bool isIpv6) => ModeOf(isIpv6) != GatewayMode.Isolated && (isIpv6 || !InhibitsIpv4);

    /// <summary>Compares by content.</summary>
    public bool Equals(BridgeOptions? other) =>
        other is not null
        && (LinkName, HasMasquerade, HasIcc, MtuBytes, InterfacePrefix) == (other.LinkName, other.HasMasquerade, other.HasIcc, other.MtuBytes, other.InterfacePrefix)
        && (Ipv4Mode, Ipv6Mode, InhibitsIpv4, Exposure, Announce) == (other.Ipv4Mode, other.Ipv6Mode, other.InhibitsIpv4, other.Exposure, other.Announce)
        && Equals(HostBinding4, other.HostBinding4) && Equals(SourceAddress4, other.SourceAddress4) && Equals(SourceAddress6, other.SourceAddress6)
        && TrustedInterfaces.SequenceEqual(other.TrustedInterfaces);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LinkName, HasMasquerade, HasIcc, MtuBytes, InterfacePrefix, Ipv4Mode, Ipv6Mode);

    /// <summary>Reads options and adds what is wrong with them to <paramref name="problems"/>.</summary>
    public static BridgeOptions Parse(IReadOnlyDictionary<string, string> options, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(problems);
        var reader = new OptionReader(options, Known, problems);
        _ = reader.Flag(DefaultBridge, byDefault: false); // Docker marks docker0 with it; nothing of ours depends on it
        return new BridgeOptions
        {
            LinkName = LinkNameOf(reader),
            HasMasquerade = reader.Flag(Masquerade, byDefault: true),
            HasIcc = reader.Flag(Icc, byDefault: true),
            MtuBytes = MtuRules.Read(reader),
            InterfacePrefix = Drivers.InterfacePrefix.Read(reader),
            Ipv4Mode = reader.Word(Mode4, Modes, GatewayMode.Nat),
            Ipv6Mode = reader.Word(Mode6, Modes, GatewayMode.Nat),
            InhibitsIpv4 = reader.Flag(Inhibit4, byDefault: false),
            HostBinding4 = reader.Address(Binding4, isIpv6: false) is { } binding && !binding.Equals(IPAddress.Any) ? binding : null,
            SourceAddress4 = reader.Address(Source4, isIpv6: false),
            SourceAddress6 = reader.Address(Source6, isIpv6: true),
            TrustedInterfaces = TrustedOf(reader),
            Exposure = reader.Text(Expose) is null ? null : reader.Word(Expose, Exposures, PortExposure.Lan),
            Announce = AnnounceRules.Read(reader),
        };
    }

    /// <summary>Reads the options of a network that was validated before it was committed.</summary>
    public static BridgeOptions Of(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var problems = new List<Problem>();
        var options = Parse(spec.Options, problems);
        Invariant.Check(problems.Count == 0, $"network {spec.Name} was committed with bad options: {string.Join("; ", problems)}");
        return options;
    }

    /// <summary>Docker's name of an option given by our short one, or the reverse; null if there is no other.</summary>
    internal static string? OtherNameOf(string option) => OptionReader.OtherNameOf(option, Known);

    /// <summary>
    /// The MTU of the network's devices; null for what the kernel gives a new one. A network that was changed says the
    /// default in full, because its devices may have had another. What is larger than an adopted bridge lets through would be lost on it
    /// without a word.
    /// </summary>
    internal int? MtuOf(NetworkRecord network) => MtuBytes ?? network.AdoptedMtuBytes ?? (network.Previous is null ? null : MtuBytesDefault);

    /// <summary>Every option once, by its short name if it has one.</summary>
    internal static IEnumerable<string> Names => Known.Select(static o => o.Alias ?? o.Name);

    private static ImmutableArray<string> TrustedOf(OptionReader reader)
    {
        if (reader.Text(Trusted) is not var (key, value))
        {
            return [];
        }

        var names = value.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var name in names)
        {
            if (!InterfaceName.IsValid(name, out var problem))
            {
                reader.RefuseValue(key, name, problem, "name interfaces of the host, separated by colons, such as ens3:ens4");
            }
        }

        return [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static string? LinkNameOf(OptionReader reader)
    {
        if (reader.Text(Name) is not var (key, value))
        {
            return null;
        }

        if (!InterfaceName.IsValid(value, out var problem))
        {
            reader.RefuseValue(key, value, problem, "choose up to 15 letters, digits, _ . or -, such as br0");
        }

        return value;
    }
}
