using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Model;

namespace Networking.Netd.Configuration;

/// <summary>Everything that can be configured, by file and by flag; a flag wins.</summary>
internal sealed record DaemonOptions
{
    /// <summary>The group that packages make.</summary>
    public const string DefaultSocketGroup = "netd";

    public string StateDirectory { get; init; } = "/var/lib/netd";

    public string RunDirectory { get; init; } = "/run/netd";

    /// <summary>Whether sandboxes get a resolver; it opens sockets and makes a table in each.</summary>
    public bool HasResolvers { get; init; } = true;

    /// <summary>Whose servers are asked for names that are not ours.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    /// <summary>Group that may use the socket; where it does not exist only root may.</summary>
    public string SocketGroup { get; init; } = DefaultSocketGroup;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>Who may reach published ports of which neither the port nor its network says.</summary>
    public PortExposure DefaultExposure { get; init; } = PortExposure.Lan;

    /// <summary>What shall be the host's firewall.</summary>
    public FirewallWish Firewall { get; init; } = FirewallWish.Auto;

    /// <summary>Whether foreign forward chains that drop by default are asked to let our packets pass.</summary>
    public bool AsksForeignChains { get; init; } = true;

    /// <summary>Bits of the mark by which they know them.</summary>
    public uint AdmissionMark { get; init; } = 0x4000_0000;

    /// <summary>How often the whole kernel state is read although nothing asked for it.</summary>
    public TimeSpan FullCheckEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where networks get their subnets from if they ask for none; none for the built-in pools.</summary>
    public ImmutableArray<SubnetPool> DefaultAddressPools { get; init; } = [];

    /// <summary>Where gossip listens; null for what the cluster was begun or joined with, else every address and port 7946.</summary>
    public IPEndPoint? ClusterListen { get; init; }

    /// <summary>Where other nodes reach this one; null to find out.</summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>Members to speak to; with any, this node takes part in their cluster.</summary>
    public ImmutableArray<IPEndPoint> Join { get; init; } = [];

    /// <summary>File with a key of the cluster, for a node that has none yet.</summary>
    public string? ClusterKeyFile { get; init; }

    /// <summary>The addresses that the cluster shares, if this node is the one that began it; null for none.</summary>
    public IPNetwork? ClusterPool { get; init; }

    /// <summary>
    /// How long a released address is not given again while another is free. A minute: a neighbor is believed unasked for up
    /// to 45 s (base_reachable_time_ms 30 s, at random up to half more), is then tried for some seconds, and unused entries are
    /// dropped after gc_stale_time, 60 s (net/ipv4/arp.c, net/ipv6/ndisc.c).
    /// </summary>
    public TimeSpan AddressRest { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>What shall be the host's firewall.</summary>
internal enum FirewallWish
{
    /// <summary>nf_tables where the kernel has it, else iptables.</summary>
    Auto,

    /// <summary>nf_tables.</summary>
    Nftables,

    /// <summary>iptables, by the programs on PATH.</summary>
    Iptables,

    /// <summary>None of ours.</summary>
    None,
}

/// <summary>How log lines are written.</summary>
internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>A line with journald's priority prefix.</summary>
    Systemd,
}
