namespace Networking.Daemon.Tests.Staging;

/// <summary>
/// The firewall of the host under test, as NETD_TEST_FIREWALL says: <c>iptables-nft</c> or <c>iptables-legacy</c>; else the daemon
/// chooses, and that is nf_tables. The same tests run with each.
/// </summary>
internal static class HostBackend
{
    private const string Prefix = "iptables-";

    private static readonly string s_given = Environment.GetEnvironmentVariable("NETD_TEST_FIREWALL") ?? string.Empty;

    public static bool IsIptables => s_given.StartsWith(Prefix, StringComparison.Ordinal);

    public static bool IsLegacy => s_given == "iptables-legacy";

    /// <summary>Which programs of iptables it is changed with, <c>nft</c> or <c>legacy</c>; null if it is nf_tables.</summary>
    public static string? Variant => IsIptables ? s_given[Prefix.Length..] : null;

    /// <summary>What the daemon is started with besides.</summary>
    public static string[] Flags => IsIptables ? ["--firewall", "iptables"] : [];

    /// <summary>The iptables programs of one variant under their plain names, first on the PATH of what a stage starts.</summary>
    public static string PathIn(string folder, string? variant = null)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? string.Empty;
        variant ??= Variant;
        if (variant is null)
        {
            return path;
        }

        var programs = Path.Combine(folder, $"programs-{variant}");
        if (!Directory.Exists(programs))
        {
            _ = Directory.CreateDirectory(programs);
            foreach (var (family, use) in from f in new[] { "iptables", "ip6tables" } from u in new[] { string.Empty, "-save", "-restore" } select (f, u))
            {
                _ = File.CreateSymbolicLink(Path.Combine(programs, family + use), $"/usr/sbin/{family}-{variant}{use}");
            }
        }

        return $"{programs}:{path}";
    }

    public static void SkipUnlessNftables(string why) => Assert.SkipWhen(IsIptables, $"needs nf_tables as the host's firewall: {why}");
}
