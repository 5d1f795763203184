using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Names of our chains in iptables, at most 28 characters (XT_EXTENSION_MAXNAMELEN without its zero).</summary>
internal static class IptablesChainName
{
    /// <summary>The chain that is the user's: made if it is missing, asked before ours, never emptied by us.</summary>
    public const string User = Ownership.IptablesUserChain;

    private const int LengthMax = 28;

    /// <summary>The name of a chain of the model.</summary>
    /// <exception cref="KernelException">It does not fit.</exception>
    public static string Of(string chain) => Checked(Ownership.IptablesPrefix + chain.ToUpperInvariant().Replace('_', '-'));

    /// <summary>The name of the chain with the elements that a rule looks for, which another rule in its place does not share.</summary>
    public static string OfSet(string chain, string ruleComment, int number)
    {
        var digest = ruleComment[(ruleComment.LastIndexOf('#') + 1)..].ToUpperInvariant();
        return Checked(number == 0 ? $"{Of(chain)}-{digest}" : $"{Of(chain)}-{digest}-{number}");
    }

    /// <summary>True if the name is one that we use or may have used.</summary>
    public static bool IsOurs(string chain) => chain.StartsWith(Ownership.IptablesPrefix, StringComparison.Ordinal);

    private static string Checked(string name) =>
        name.Length <= LengthMax ? name : throw SystemCalls.Refused(Errno.Invalid, $"name the chain {name} in iptables", $"it is longer than {LengthMax} characters");
}
