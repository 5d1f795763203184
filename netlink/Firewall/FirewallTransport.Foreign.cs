using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <content>Reading what others do to forwarded packets.</content>
public sealed partial class FirewallTransport
{
    private const string DropPolicy = "policy 0"; // NF_DROP, as FirewallObjectReader shows it

    /// <summary>Base chains on the forward hook that are not of our table and drop what nothing accepts.</summary>
    public IReadOnlyList<ForeignDrop> ReadForeignForwardDrops()
    {
        var drops = new List<ForeignDrop>();
        foreach (var (family, name) in new[] { (FirewallWire.FamilyInet, "inet"), (FirewallWire.FamilyIpv4, "ip"), (FirewallWire.FamilyIpv6, "ip6") })
        {
            _ = Dump(
                FirewallMessageType.GetChain,
                NetlinkFlags.Dump,
                null,
                null,
                attributes =>
                {
                    var chain = FirewallObjectReader.ReadChain(NetNs.Host, attributes);
                    if (chain.Base is { Hook: FirewallHook.Forward } hook && hook.Type.Contains(DropPolicy, StringComparison.Ordinal)
                        && !(family == FirewallWire.FamilyInet && chain.Table == Ownership.FirewallTable))
                    {
                        drops.Add(new ForeignDrop($"{name} {chain.Table}", chain.Name, RemedyFor(name, chain)));
                    }
                },
                family);
        }

        return drops;
    }

    private static string RemedyFor(string family, FirewallChainState chain) => (family, chain.Table, chain.Name) switch
    {
        ("ip", "filter", "FORWARD") => "iptables -I FORWARD -i 'br-+' -j ACCEPT; iptables -I FORWARD -o 'br-+' -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        ("ip6", "filter", "FORWARD") => "ip6tables -I FORWARD -i 'br-+' -j ACCEPT; ip6tables -I FORWARD -o 'br-+' -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        (_, "firewalld", _) => "firewall-cmd --permanent --zone=trusted --add-interface=BRIDGE && firewall-cmd --reload",
        _ => $"nft insert rule {family} {chain.Table} {chain.Name} iifname 'br-*' accept",
    };
}
