using System.Collections.Immutable;
using System.Globalization;
using Networking.Drivers;
using Networking.Model;
using Networking.Netd.Cluster;
using Networking.Netd.Firewall;

namespace Networking.Netd.Configuration;

/// <summary>One key of the configuration file, which is also a flag.</summary>
/// <param name="Key">Key in the file, camelCase.</param>
/// <param name="Flag">Flag of the command line.</param>
/// <param name="Description">What it is, a sentence.</param>
/// <param name="Apply">Sets it from text; returns what is wrong, or null. One that <see cref="IsList"/> is added to.</param>
internal sealed record Setting(string Key, string Flag, string Description, Setting.Setter Apply)
{
    public delegate string? Setter(ref DaemonOptions options, string value);

    /// <summary>
    /// Takes away every value of a setting that has several: in the file an array of text, on the command line a flag that
    /// may be repeated, whose values replace those of the file. Null for a setting of one value.
    /// </summary>
    public Func<DaemonOptions, DaemonOptions>? Clear { get; init; }

    public bool IsList => Clear is not null;

    /// <summary>All settings.</summary>
    public static ImmutableArray<Setting> All { get; } =
    [
        new("stateDirectory", "--state-dir", "Where intent is kept (default /var/lib/netd).", static (ref o, v) =>
        {
            o = o with { StateDirectory = v };
            return PathProblem(v);
        }),
        new("runDirectory", "--run-dir", "Where the socket and namespaces are (default /run/netd).", static (ref o, v) =>
        {
            o = o with { RunDirectory = v };
            return PathProblem(v);
        }),
        new("dns", "--dns", "on: a resolver in every sandbox that is on a network; off: none (default on).", static (ref o, v) =>
        {
            o = o with { HasResolvers = v == "on" };
            return v is "on" or "off" ? null : $"'{v}' is not one of on, off";
        }),
        new("resolvConf", "--resolv-conf", "File with the servers that sandboxes' resolvers ask, and their search list and options (default /etc/resolv.conf).", static (ref o, v) =>
        {
            o = o with { ResolvConf = v };
            return PathProblem(v);
        }),
        new("socketGroup", "--socket-group", "Group that may use the socket (default netd).", static (ref o, v) =>
        {
            o = o with { SocketGroup = v };
            return v.Length == 0 ? "must not be empty" : null;
        }),
        new("logLevel", "--log-level", "trace, debug, information, warning or error (default information).", static (ref o, v) =>
        {
            if (!Enum.TryParse<LogLevel>(v, ignoreCase: true, out var level) || !Enum.IsDefined(level) || int.TryParse(v, out _))
            {
                return $"'{v}' is not one of trace, debug, information, warning, error";
            }

            o = o with { LogLevel = level };
            return null;
        }),
        new("logFormat", "--log-format", "text, json or systemd (default text).", static (ref o, v) =>
        {
            if (!Enum.TryParse<LogFormat>(v, ignoreCase: true, out var format) || int.TryParse(v, out _))
            {
                return $"'{v}' is not one of text, json, systemd";
            }

            o = o with { LogFormat = format };
            return null;
        }),
        new("fullCheckSeconds", "--full-check-seconds", "How often everything is read from the kernel, 10 to 86400 (default 600).", static (ref o, v) =>
        {
            if (!int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 10 or > 86400)
            {
                return $"'{v}' is not a number from 10 to 86400";
            }

            o = o with { FullCheckEvery = TimeSpan.FromSeconds(seconds) };
            return null;
        }),
        new("defaultExposure", "--default-exposure", "Who may reach published ports that do not say: loopback, lan or world (default lan).", static (ref o, v) =>
        {
            if (!Enum.TryParse<PortExposure>(v, ignoreCase: true, out var exposure) || int.TryParse(v, out _))
            {
                return $"'{v}' is not one of loopback, lan, world";
            }

            o = o with { DefaultExposure = exposure };
            return null;
        }),
        new("firewall", "--firewall", "auto: nftables where the kernel has it, else iptables; nftables; iptables: chains of netd's in the tables of the iptables programs on PATH; none: netd filters and translates nothing (default auto).", static (ref o, v) =>
        {
            if (FirewallChooser.Parse(v) is not { } wish)
            {
                return $"'{v}' is not one of auto, nftables, iptables, none";
            }

            o = o with { Firewall = wish };
            return null;
        }),
        new("firewallAdmit", "--firewall-admit", "auto: put one rule into foreign forward chains that drop by default, so that netd's packets pass; never: leave them alone (default auto).", static (ref o, v) =>
        {
            o = o with { AsksForeignChains = v == "auto" };
            return v is "auto" or "never" ? null : $"'{v}' is not one of auto, never";
        }),
        new("admissionMark", "--admission-mark", "Bits of a packet's mark by which that rule knows netd's packets, such as 0x40000000 (the default).", static (ref o, v) =>
        {
            var digits = v.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? v.AsSpan(2) : [];
            if (!uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mark) || mark == 0)
            {
                return $"'{v}' is not a number such as 0x40000000, with at least one bit set";
            }

            o = o with { AdmissionMark = mark };
            return null;
        }),
        new("defaultAddressPools", "--default-address-pool", "base=PREFIX,size=LENGTH: where networks get their subnets from; replaces the built-in pools (repeatable).", static (ref o, v) =>
        {
            if (!AddressPoolText.TryParse(v, o.DefaultAddressPools, out var pool, out var problem))
            {
                return problem;
            }

            o = o with { DefaultAddressPools = o.DefaultAddressPools.Add(pool) };
            return null;
        })
        {
            Clear = static o => o with { DefaultAddressPools = [] },
        },
        new("addressQuarantineSeconds", "--address-quarantine-seconds", "How long a released address rests before it is given again, 0 to 86400 (default 60).", static (ref o, v) =>
        {
            if (!int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 86400)
            {
                return $"'{v}' is not a number from 0 to 86400";
            }

            o = o with { AddressRest = TimeSpan.FromSeconds(seconds) };
            return null;
        }),
        new("join", "--join", "ADDRESS[:PORT] of a member: take part in its cluster (repeatable; off without it, unless netctl cluster init or join was used).", static (ref o, v) =>
        {
            var problem = ClusterAddress.TryReadPeer(v, out var member);
            o = o with { Join = o.Join.Add(member) };
            return problem;
        })
        {
            Clear = static o => o with { Join = [] },
        },
        new("clusterKeyFile", "--cluster-key-file", "File with a key of the cluster as base64, for the first start with --join; kept in the state directory from then on.", static (ref o, v) =>
        {
            o = o with { ClusterKeyFile = v };
            return PathProblem(v);
        }),
        new("clusterListen", "--cluster-listen", "ADDRESS[:PORT] for gossip by UDP and TCP, once this node is in a cluster (default every address, port 7946).", static (ref o, v) =>
        {
            var problem = ClusterAddress.TryRead(v, out var listen);
            o = o with { ClusterListen = listen };
            return problem;
        }),
        new("advertise", "--advertise", "ADDRESS[:PORT] at which other nodes reach this one (default that of the default route's interface).", static (ref o, v) =>
        {
            var problem = ClusterAddress.TryReadPeer(v, out var address);
            o = o with { Advertise = address };
            return problem;
        }),
        new("clusterPool", "--cluster-pool", "PREFIX of the addresses that the cluster's nodes share; the node that began the cluster owns them first (default none).", static (ref o, v) =>
        {
            if (!Prefix.TryParse(v, out var prefix, out var problem))
            {
                return problem;
            }

            o = o with { ClusterPool = prefix };
            return SpecialPrefix.Overlapping(prefix) is { Count: > 0 } special ? $"{prefix} overlaps {string.Join(" and ", special)}, which no endpoint can be reached by"
                : prefix.PrefixLength == 0 ? $"{prefix} is every address there is"
                : null;
        }),
    ];

    private static string? PathProblem(string value) => Path.IsPathFullyQualified(value) ? null : $"'{value}' is not an absolute path";
}
