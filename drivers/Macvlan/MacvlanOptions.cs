using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>The options of a macvlan network, typed.</summary>
public sealed record MacvlanOptions
{
    private static readonly DriverOption ParentLink = new("parent");
    private static readonly DriverOption ModeWord = new("macvlan_mode", "mode");
    private static readonly DriverOption Shim = new("netd.macvlan.host_shim", "host-shim");

    private static readonly DriverOption[] Known = [Shim, Drivers.InterfacePrefix.Option, ModeWord, MtuRules.Option, ParentLink, .. AnnounceRules.Options];

    private static readonly (string Word, MacvlanMode Mode)[] Modes =
    [
        ("bridge", MacvlanMode.Bridge),
        ("private", MacvlanMode.Private),
        ("vepa", MacvlanMode.Vepa),
        ("passthru", MacvlanMode.Passthru),
    ];

    /// <summary>The interface of the host that endpoints stand on; null for a dummy device of the network's own.</summary>
    public string? Parent { get; init; }

    /// <summary>Who reaches whom on the parent.</summary>
    public MacvlanMode Mode { get; init; } = MacvlanMode.Bridge;

    /// <summary>MTU of the endpoints; null for the parent's.</summary>
    public int? MtuBytes { get; init; }

    /// <summary>What interface names in sandboxes begin with.</summary>
    public string InterfacePrefix { get; init; } = "eth";

    /// <summary>The host has an interface of its own beside the endpoints: else the kernel lets it reach none of them.</summary>
    public bool HasHostShim { get; init; }

    /// <summary>How endpoints announce their addresses unless they say otherwise.</summary>
    public AnnounceWish Announce { get; init; }

    /// <summary>Reads options and adds what is wrong with them to <paramref name="problems"/>.</summary>
    public static MacvlanOptions Parse(IReadOnlyDictionary<string, string> options, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(problems);
        var reader = new OptionReader(options, Known, problems);
        return new MacvlanOptions
        {
            Parent = ParentOf(reader),
            Mode = reader.Word(ModeWord, Modes, MacvlanMode.Bridge),
            MtuBytes = MtuRules.Read(reader),
            InterfacePrefix = Drivers.InterfacePrefix.Read(reader),
            HasHostShim = reader.Flag(Shim, byDefault: false),
            Announce = AnnounceRules.Read(reader),
        };
    }

    /// <summary>Reads the options of a network that was validated before it was committed.</summary>
    public static MacvlanOptions Of(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var problems = new List<Problem>();
        var options = Parse(spec.Options, problems);
        Invariant.Check(problems.Count == 0, $"network {spec.Name} was committed with bad options: {string.Join("; ", problems)}");
        return options;
    }

    /// <summary>Docker's name of an option given by our short one, or the reverse; null if there is no other.</summary>
    internal static string? OtherNameOf(string option) => OptionReader.OtherNameOf(option, Known);

    /// <summary>Every option once, by its short name if it has one.</summary>
    internal static IEnumerable<string> Names => Known.Select(static o => o.Alias ?? o.Name);

    // Whether there is such an interface, only the host shows; "lo" is one.
    private static string? ParentOf(OptionReader reader)
    {
        if (reader.Text(ParentLink) is not var (key, value))
        {
            return null;
        }

        if (value != "lo" && !InterfaceName.IsValid(value, out var problem))
        {
            reader.RefuseValue(key, value, problem, "name an interface of the host, such as eth0, or a VLAN of one, such as eth0.50");
            return null;
        }

        return value;
    }
}
