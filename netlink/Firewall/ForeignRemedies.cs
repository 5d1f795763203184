namespace Networking.Netlink;

/// <summary>
/// Commands by which the tool that made a dropping chain lets our packets pass, as its own manual has them: iptables(8),
/// ufw(8) "route", firewall-cmd(1).
/// </summary>
internal static class ForeignRemedies
{
    /// <summary>Name of firewalld's table, in family inet.</summary>
    public const string Firewalld = "firewalld";

    /// <summary>The command for a chain of nf_tables.</summary>
    /// <param name="family">Family as nft writes it.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="chain">Where a rule should stand.</param>
    /// <param name="isUfw">Whether ufw manages the table; its own rules would be lost at its next reload.</param>
    public static string For(string family, string table, string chain, bool isUfw) => (family, table) switch
    {
        _ when isUfw => "ufw route allow in on BRIDGE && ufw route allow out on BRIDGE",
        (_, Firewalld) => "firewall-cmd --permanent --zone=trusted --add-interface=BRIDGE && firewall-cmd --reload",
        ("ip", "filter") => Iptables("iptables", chain),
        ("ip6", "filter") => Iptables("ip6tables", chain),
        _ => $"nft insert rule {family} {table} {chain} iifname 'br-*' accept; nft insert rule {family} {table} {chain} oifname 'br-*' ct state established,related accept",
    };

    /// <summary>
    /// The commands for packets to sandboxes' own addresses (gateway modes routed and nat-unprotected), where those of
    /// <see cref="For"/> do not let them in; null where they do. firewalld asks for a policy between zones.
    /// </summary>
    public static string? Inward(string table) => table == Firewalld
        ? "firewall-cmd --permanent --new-policy=netd && firewall-cmd --permanent --policy=netd --add-ingress-zone=ANY"
            + " && firewall-cmd --permanent --policy=netd --add-egress-zone=trusted && firewall-cmd --permanent --policy=netd --set-target=ACCEPT"
            + " && " + For("inet", Firewalld, string.Empty, isUfw: false)
        : null;

    /// <summary>The command for a chain of nf_tables that sees packets to the host: it opens ports.</summary>
    /// <inheritdoc cref="For"/>
    public static string ForInput(string family, string table, string chain, bool isUfw) => (family, table) switch
    {
        _ when isUfw => "ufw allow FIRST:LAST/PROTOCOL",
        (_, Firewalld) => "firewall-cmd --permanent --add-port=FIRST-LAST/PROTOCOL && firewall-cmd --reload",
        ("ip", "filter") => IptablesInput("iptables"),
        ("ip6", "filter") => IptablesInput("ip6tables"),
        _ => $"nft insert rule {family} {table} {chain} PROTOCOL dport FIRST-LAST accept",
    };

    /// <summary>The command for a chain of iptables-legacy.</summary>
    public static string ForLegacy(bool isIpv6, bool isInput)
    {
        var program = isIpv6 ? "ip6tables-legacy" : "iptables-legacy";
        return isInput ? IptablesInput(program) : Iptables(program, "FORWARD");
    }

    private static string IptablesInput(string program) => $"{program} -I INPUT -p PROTOCOL --dport FIRST:LAST -j ACCEPT";

    private static string Iptables(string program, string chain) =>
        $"{program} -I {chain} -i 'br-+' -j ACCEPT; {program} -I {chain} -o 'br-+' -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
}
