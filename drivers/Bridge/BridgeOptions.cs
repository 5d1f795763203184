using Networking.Model;

namespace Networking.Drivers;

/// <summary>The options of a bridge network, typed.</summary>
public sealed record BridgeOptions
{
    /// <summary>Smallest MTU over which IPv6 works (RFC 8200 section 5).</summary>
    public const int Ipv6MtuBytesMin = 1280;

    private const int MtuBytesMin = 68; // RFC 791: every module must forward 68 octets
    private const int MtuBytesMax = 65535;

    private static readonly DriverOption Name = new("com.docker.network.bridge.name", "name");
    private static readonly DriverOption Masquerade = new("com.docker.network.bridge.enable_ip_masquerade", "masquerade");
    private static readonly DriverOption Icc = new("com.docker.network.bridge.enable_icc", "icc");
    private static readonly DriverOption Mtu = new("com.docker.network.driver.mtu", "mtu");
    private static readonly DriverOption Prefix = new("com.docker.network.container_iface_prefix", "ifname-prefix");

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

    /// <summary>Reads options and adds what is wrong with them to <paramref name="problems"/>.</summary>
    public static BridgeOptions Parse(IReadOnlyDictionary<string, string> options, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(problems);
        var reader = new OptionReader(options, [Icc, Prefix, Masquerade, Mtu, Name], problems);
        return new BridgeOptions
        {
            LinkName = LinkNameOf(reader),
            HasMasquerade = reader.Flag(Masquerade, byDefault: true),
            HasIcc = reader.Flag(Icc, byDefault: true),
            MtuBytes = reader.Number(Mtu, MtuBytesMin, MtuBytesMax, isZeroUnset: true),
            InterfacePrefix = PrefixOf(reader),
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

    /// <summary>The name under which the MTU was given, for a problem that only the whole network shows.</summary>
    internal static string MtuKeyOf(IReadOnlyDictionary<string, string> options) =>
        options.ContainsKey(Mtu.Alias!) ? Mtu.Alias! : Mtu.Name; // declared with an alias above

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

    private static string PrefixOf(OptionReader reader)
    {
        if (reader.Text(Prefix) is not var (key, value))
        {
            return "eth";
        }

        if (!InterfaceName.IsValidPrefix(value, out var problem))
        {
            reader.RefuseValue(key, value, problem, $"choose up to {InterfaceName.PrefixBytesMax} letters, digits, _ . or -; a number follows");
        }

        return value;
    }
}
