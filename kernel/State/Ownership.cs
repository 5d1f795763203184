namespace Networking.Kernel;

/// <summary>The marks by which the kernel's objects are told to be ours (DESIGN 4, "Ours and not ours").</summary>
public static class Ownership
{
    /// <summary>rtm_protocol of our routes and FRA_PROTOCOL of our rules: a number nobody in rt_protos has.</summary>
    public const byte RouteProtocol = 178;

    /// <summary>IFA_PROTO of our addresses (kernel 5.18 and later).</summary>
    public const byte AddressProtocol = 178;

    /// <summary>Name of our nf_tables table, family inet.</summary>
    public const string FirewallTable = "netd";

    /// <summary>
    /// What stands for our table where the host's firewall is iptables: every object of ours in it says that it is in this one.
    /// The kernel knows no such table; its chains are spread over iptables' own, under names that begin so.
    /// </summary>
    public const string IptablesTable = "NETD";

    /// <summary>The start of the name of every chain of ours in iptables; only the user's own keeps its rules for good.</summary>
    public const string IptablesPrefix = IptablesTable + "-";

    /// <summary>The user's own chain in iptables: made by us, never emptied, asked first.</summary>
    public const string IptablesUserChain = IptablesPrefix + "USER";

    /// <summary>Comment of our one rule in a foreign forward chain; it is how that rule is known to be ours.</summary>
    public const string AdmissionComment = "netd admits its own";

    /// <summary>IFLA_GROUP of devices whose packet path is cut and which wait to be deleted together.</summary>
    public const int DoomedGroup = 0x6e645f78;

    /// <summary>
    /// IFLA_GROUP of a device that is made, but has not got its mark yet: a mark cannot be given to what is only being made, a group
    /// can. A refusal or a sudden death between two steps leaves it so, and then it is of no scope.
    /// </summary>
    public const int NewbornGroup = 0x6e645f6e;

    /// <summary>The start of every link alias of every instance.</summary>
    private const string TagPrefix = "netd:";

    /// <summary>Whether a link's alias is that of any instance: this one, another, or one that has gone.</summary>
    public static bool IsTagged(string? alias) => alias?.StartsWith(TagPrefix, StringComparison.Ordinal) == true;

    /// <summary>The start of every link alias of an instance.</summary>
    public static string TagOf(string instanceId) => TagPrefix + instanceId;

    /// <summary>The alias of a link: owner tag and scope.</summary>
    public static string AliasOf(string ownerTag, ScopeId scope) => $"{ownerTag}:{scope}";
}
