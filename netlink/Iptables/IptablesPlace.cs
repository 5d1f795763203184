using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>One of the kernel's own tables of one family: what iptables changes as a whole, and nothing larger.</summary>
internal readonly record struct IptablesPlace(bool IsIpv6, string Table)
{
    public const string Filter = "filter";
    public const string Nat = "nat";

    /// <summary>Those that chains of ours may be in. What drops comes before what translates.</summary>
    public static IReadOnlyList<IptablesPlace> All { get; } = [new(false, Filter), new(false, Nat), new(true, Filter), new(true, Nat)];

    /// <summary>The chain of the kernel's own, and its table, at which a base chain of the model hangs.</summary>
    /// <exception cref="KernelException">iptables has none such.</exception>
    public static (string Table, string BuiltIn) Of(BaseChain hook) => (hook.Type, hook.Hook) switch
    {
        ("filter", FirewallHook.Input or FirewallHook.Forward or FirewallHook.Output) => (Filter, BuiltIn(hook.Hook)),
        ("nat", not FirewallHook.Forward) => (Nat, BuiltIn(hook.Hook)),
        _ => throw SystemCalls.Refused(Errno.NotSupported, $"write a chain of type {hook.Type} at hook {hook.Hook} for iptables"),
    };

    /// <inheritdoc/>
    public override string ToString() => $"{(IsIpv6 ? "ip6" : "ip")} {Table}";

    private static string BuiltIn(FirewallHook hook) => hook.ToString().ToUpperInvariant();
}
