namespace Networking.Model;

/// <summary>What filters and translates the host's packets for us. Inside sandboxes it is always nf_tables.</summary>
public enum FirewallBackend
{
    /// <summary>A table of our own in nf_tables.</summary>
    Nftables,

    /// <summary>Chains of our own in the tables of iptables, for hosts where nf_tables is not to be used.</summary>
    Iptables,

    /// <summary>Nothing: who runs this host sees to it by other means.</summary>
    None,
}
