using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Fields and their values in the words of iptables(8) and iptables-extensions(8).</summary>
internal static class IptablesMatch
{
    // Interface before address before protocol before port: a port is an option of its protocol's extension.
    private static readonly ImmutableArray<FirewallField> Order =
    [
        FirewallField.InputInterface, FirewallField.OutputInterface,
        FirewallField.Ipv4Source, FirewallField.Ipv6Source, FirewallField.Ipv4Destination, FirewallField.Ipv6Destination,
        FirewallField.Protocol, FirewallField.SourcePort, FirewallField.DestinationPort, FirewallField.Mark,
    ];

    /// <summary>What an element's key asks of a packet.</summary>
    /// <exception cref="KernelException">A value has no such form.</exception>
    public static string Of(ImmutableArray<FirewallField> fields, ImmutableArray<string> key)
    {
        if (fields.Length != key.Length)
        {
            throw SystemCalls.Refused(Errno.Invalid, $"write the key {string.Join(" . ", key)} for iptables", $"{fields.Length} fields look for it");
        }

        return string.Join(' ', Order
            .Select(f => (Field: f, At: fields.IndexOf(f)))
            .Where(static f => f.At >= 0)
            .Select(f => Of(f.Field, key[f.At]))
            .Where(static t => t.Length > 0));
    }

    /// <summary>One field.</summary>
    public static string Of(FirewallField field, string value) => field switch
    {
        FirewallField.InputInterface => $"-i {value}",
        FirewallField.OutputInterface => $"-o {value}",
        FirewallField.Ipv4Source or FirewallField.Ipv6Source => Address("-s", "--src-range", value),
        FirewallField.Ipv4Destination or FirewallField.Ipv6Destination => Address("-d", "--dst-range", value),
        FirewallField.Protocol => $"-p {value}{(value is "tcp" or "udp" or "sctp" ? $" -m {value}" : string.Empty)}",
        FirewallField.SourcePort => $"--sport {value.Replace('-', ':')}",
        FirewallField.DestinationPort => $"--dport {value.Replace('-', ':')}",
        _ => throw SystemCalls.Refused(Errno.NotSupported, $"match {field} by a set in iptables"),
    };

    /// <summary>The family that a field is of; null for both.</summary>
    public static bool? FamilyOf(FirewallField field) => field switch
    {
        FirewallField.Ipv4Source or FirewallField.Ipv4Destination => false,
        FirewallField.Ipv6Source or FirewallField.Ipv6Destination => true,
        _ => null,
    };

    /// <summary>Where a map's value sends a packet: <c>address:port</c>, <c>[address]:port</c>, or the address alone.</summary>
    public static string Destination(string value)
    {
        var parts = value.Split(" . ");
        return parts.Length == 1 ? parts[0] : parts[0].Contains(':', StringComparison.Ordinal) ? $"[{parts[0]}]:{parts[1]}" : $"{parts[0]}:{parts[1]}";
    }

    // A range that is a prefix is written as one, all addresses as nothing.
    private static string Address(string option, string rangeOption, string value)
    {
        var dash = value.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
        {
            return $"{option} {value}";
        }

        if (!IPAddress.TryParse(value.AsSpan(0, dash), out var first) || !IPAddress.TryParse(value.AsSpan(dash + 1), out var last))
        {
            throw SystemCalls.Refused(Errno.Invalid, $"write the addresses {value} for iptables");
        }

        var bits = first.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        for (var length = 0; length <= bits; length++)
        {
            if (IsPrefix(first, length, bits) && Prefix.LastAddress(new IPNetwork(first, length)).Equals(last))
            {
                return length == 0 ? string.Empty : $"{option} {first}/{length}";
            }
        }

        return $"-m iprange {rangeOption} {value}";
    }

    private static bool IsPrefix(IPAddress address, int length, int bits)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bits; bit++)
        {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
