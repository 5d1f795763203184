using System.CommandLine;
using System.CommandLine.Help;

namespace Networking.Netctl.Verbs;

/// <summary>A verb: its name, what it does, and how its arguments and action are made.</summary>
/// <param name="Name">Name as typed.</param>
/// <param name="Summary">What it does, for help.</param>
/// <param name="Define">Adds arguments, options and action to its command.</param>
internal sealed record VerbEntry(string Name, string Summary, Action<Command, Session> Define)
{
    /// <summary>True for what scripts call and people do not.</summary>
    public bool IsHidden { get; init; }
}

/// <summary>Every verb, on one page.</summary>
internal static class VerbTable
{
    /// <summary>Name of the program.</summary>
    public const string Program = "netctl";

    private const string Purpose =
        "Container networks of this host, through the netd daemon.\n" +
        "  Exit codes: 0 done or under way, 1 refused or failed, 2 wrong usage, 3 daemon unreachable.";

    /// <summary>The verbs.</summary>
    public static IReadOnlyList<VerbEntry> Verbs { get; } =
    [
        new("create", "Create a network", CreateVerb.Define),
        new("ls", "List networks", ListVerb.DefineForNetworks),
        new("inspect", "Show networks in detail", InspectVerb.DefineForNetworks),
        new("update", "Change a network, or the published ports of an endpoint", UpdateVerb.Define),
        new("rm", "Remove networks", RemoveVerb.DefineForNetworks),
        new("prune", "Remove every network without endpoints", PruneVerb.Define),
        new("connect", "Give a sandbox an endpoint on a network", ConnectVerb.Define),
        new("disconnect", "Take an endpoint away", DisconnectVerb.Define),
        new("sandbox", "Namespaces kept by netd", SandboxVerbs),
        new("ports", "Show published ports and who can reach them", PortsVerb.Define),
        new("ipam", "Subnets and addresses: who has which", IpamVerbs),
        new("dns", "Names: what a sandbox is told", DnsVerbs),
        new("cluster", "This host's place in a cluster", ClusterVerbs),
        new("node", "Hosts of the cluster", NodeVerbs),
        new("events", "Show what happens, as it happens", EventsVerb.Define),
        new("plan", "Show what netd has still to do", PlanVerb.Define),
        new("diff", "Show what differs in the kernel, read afresh", DiffVerb.Define),
        new("repair", "Mend what differs in the kernel", RepairVerb.Define),
        new("firewall", "Move the host's firewall to another backend, under what runs", FirewallVerb.Define),
        new("explain", "Say why an object is or is not as asked", ExplainVerb.Define),
        new("doctor", "Check this host", DoctorVerb.Define),
        new("version", "Show the versions of netctl and netd", VersionVerb.Define),
        new("info", "Show the daemon and what it holds", InfoVerb.Define),
        new("completion", "Print a completion script for a shell", CompletionVerb.Define),
        new("complete", "Answer a completion script", CompleteVerb.Define) { IsHidden = true },
    ];

    private static IReadOnlyList<VerbEntry> Sandboxes { get; } =
    [
        new("create", "Create a sandbox", SandboxCreateVerb.Define),
        new("ls", "List sandboxes", ListVerb.DefineForSandboxes),
        new("inspect", "Show sandboxes in detail", InspectVerb.DefineForSandboxes),
        new("rm", "Remove sandboxes", RemoveVerb.DefineForSandboxes),
        new("exec", "Run a command in the network namespace of a sandbox", SandboxExecVerb.Define),
    ];

    private static IReadOnlyList<VerbEntry> Ipam { get; } =
    [
        new("ls", "List pools and subnets, or the addresses of a network", IpamListVerb.Define),
        new("why", "Say who has an address or a subnet, or what is in its way", IpamWhyVerb.Define),
    ];

    private static IReadOnlyList<VerbEntry> Dns { get; } =
    [
        new("ls", "List the names of all networks, or those that a sandbox sees", DnsListVerb.Define),
        new("query", "Ask the resolver of a sandbox, and say who answered", DnsQueryVerb.Define),
        new("log", "Show the questions of a sandbox as they are answered", DnsLogVerb.Define),
    ];

    private static IReadOnlyList<VerbEntry> Cluster { get; } =
    [
        new("init", "Begin a cluster of this host alone", ClusterJoinVerb.DefineInit),
        new("join", "Join the cluster of a host that is in one", ClusterJoinVerb.Define),
        new("leave", "Say goodbye to the cluster", ClusterLeaveVerb.Define),
        new("status", "Show this host's place in its cluster, and what is wrong", ClusterStatusVerb.Define),
        new("keys", "The keys that seal what the hosts tell each other", KeyVerbs),
    ];

    private static IReadOnlyList<VerbEntry> Keys { get; } =
    [
        new("ls", "List the keys of this host by tag", ClusterKeysVerb.DefineList),
        new("add", "Accept a further key", ClusterKeysVerb.DefineAdd),
        new("use", "Seal with a key from now on", ClusterKeysVerb.DefineUse),
        new("rm", "Accept a key no longer", ClusterKeysVerb.DefineRemove),
    ];

    private static IReadOnlyList<VerbEntry> Nodes { get; } =
    [
        new("ls", "List the hosts of the cluster as this one sees them", NodeListVerb.Define),
    ];

    /// <summary>
    /// The commands for a line of words. A verb that does not occur among the words is there by name only, which is
    /// all that help, typo corrections and completion want of it: making every option of every verb took
    /// <c>netctl --version</c> from 47 to 90 ms.
    /// </summary>
    public static RootCommand Tree(Session session, IReadOnlyList<string> words)
    {
        var root = new RootCommand(Purpose) { HelpName = Program };
        UseOneHelp(root, session.Terminal.Width);
        root.Add(session.Host);
        foreach (var verb in Verbs)
        {
            root.Add(Command(verb, session, words));
        }

        return root;
    }

    // The library's own help option also answers to -? and /h, and /h may be the path of a sandbox.
    private static void UseOneHelp(RootCommand root, int? width)
    {
        root.Options.Remove(root.Options.First(option => option is HelpOption));
        root.Options.First(option => option is VersionOption).Description = "show the version";
        root.Add(new HelpOption("--help", "-h")
        {
            Description = "show this",
            Action = new HelpAction { MaxWidth = width ?? int.MaxValue },
        });
    }

    private static void SandboxVerbs(Command command, Session session) => Nest(command, session, Sandboxes);

    private static void IpamVerbs(Command command, Session session) => Nest(command, session, Ipam);

    private static void DnsVerbs(Command command, Session session) => Nest(command, session, Dns);

    private static void ClusterVerbs(Command command, Session session) => Nest(command, session, Cluster);

    private static void KeyVerbs(Command command, Session session) => Nest(command, session, Keys);

    private static void NodeVerbs(Command command, Session session) => Nest(command, session, Nodes);

    private static void Nest(Command command, Session session, IReadOnlyList<VerbEntry> verbs)
    {
        foreach (var verb in verbs)
        {
            command.Add(Command(verb, session, [verb.Name]));
        }
    }

    private static Command Command(VerbEntry verb, Session session, IReadOnlyList<string> words)
    {
        var command = new Command(verb.Name, verb.Summary) { Hidden = verb.IsHidden };
        if (words.Contains(verb.Name))
        {
            verb.Define(command, session);
        }

        return command;
    }
}
