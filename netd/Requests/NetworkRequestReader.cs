using System.Collections.Immutable;
using System.Net;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Requests;

/// <summary>Turns the text of a create request into a spec, collecting every mistake.</summary>
internal static class NetworkRequestReader
{
    public static NetworkSpec Read(CreateNetworkRequest request, List<Problem> problems)
    {
        request = Limited(request, problems);
        var prefixes = ReadPrefixes(request.Subnets, "subnet.invalid", "--subnet", problems);
        return new NetworkSpec
        {
            Name = request.Name,
            Driver = string.IsNullOrEmpty(request.Driver) ? "bridge" : request.Driver,
            Ipv4 = request.Ipv4 ?? true,
            Ipv6 = request.Ipv6 ?? prefixes.Any(static p => Prefix.BitsOf(p.BaseAddress) == 128),
            Internal = request.Internal,
            Subnets = Subnets(request, prefixes, problems),
            IpamOptions = request.IpamOptions,
            Options = request.Options,
            Dns = DnsReader.Read(request.Dns, request.DnsSearch, request.DnsOptions, problems).Apply(DnsSpec.Empty),
            Labels = request.Labels,
        };
    }

    /// <summary>Reads the subnets of a request with their gateways, ranges and auxiliary addresses.</summary>
    public static ImmutableArray<SubnetSpec> ReadSubnets(CreateNetworkRequest request, List<Problem> problems)
    {
        request = Limited(request, problems);
        return Subnets(request, ReadPrefixes(request.Subnets, "subnet.invalid", "--subnet", problems), problems);
    }

    // Of too many nothing is read: the one list is judged by the other.
    private static CreateNetworkRequest Limited(CreateNetworkRequest request, List<Problem> problems)
    {
        bool[] areFew =
        [
            ListLimit.IsWithin(ListLimit.SubnetsMax, request.Subnets.Length, "--subnet", problems),
            ListLimit.IsWithin(ListLimit.SubnetsMax, request.Gateways.Length, "--gateway", problems),
            ListLimit.IsWithin(ListLimit.SubnetsMax, request.IpRanges.Length, "--ip-range", problems),
            ListLimit.IsWithin(ListLimit.NamesMax, request.AuxAddresses.Count, "--aux-address", problems),
        ];
        return Array.TrueForAll(areFew, static f => f) ? request : request with { Subnets = [], Gateways = [], IpRanges = [], AuxAddresses = request.AuxAddresses.Clear() };
    }

    private static List<IPNetwork> ReadPrefixes(ImmutableArray<string> texts, string code, string field, List<Problem> problems)
    {
        var prefixes = new List<IPNetwork>();
        foreach (var text in texts)
        {
            if (Prefix.TryParse(text, out var prefix, out var problem))
            {
                prefixes.Add(prefix);
            }
            else
            {
                problems.Add(new Problem(code, field, problem!, "write it as address/length, such as 10.20.0.0/16 or fd00:20::/64")); // a refusal always says why
            }
        }

        return prefixes;
    }

    private static List<IPAddress> ReadGateways(ImmutableArray<string> texts, List<Problem> problems)
    {
        var gateways = new List<IPAddress>();
        foreach (var text in texts)
        {
            if (Prefix.TryParseAddress(text, out var gateway, out var problem))
            {
                gateways.Add(gateway);
            }
            else
            {
                problems.Add(new Problem("gateway.invalid", "--gateway", problem!, "give an address of the subnet, or leave it out for the first one"));
            }
        }

        return gateways;
    }

    private static List<(string Name, IPAddress Address)> ReadAuxiliaries(IReadOnlyDictionary<string, string> texts, List<Problem> problems)
    {
        var addresses = new List<(string Name, IPAddress Address)>();
        foreach (var (name, text) in texts.OrderBy(static t => t.Key, StringComparer.Ordinal))
        {
            if (!Prefix.TryParseAddress(text, out var address, out var problem))
            {
                problems.Add(new Problem("aux.invalid", "--aux-address", $"auxiliary address {name}: {problem}", "write name=address"));
            }
            else if (name.Length == 0 || name.Any(char.IsControl))
            {
                problems.Add(new Problem("aux.invalid", "--aux-address", $"auxiliary address {address} has no name", "write name=address"));
            }
            else
            {
                addresses.Add((name, address));
            }
        }

        return addresses;
    }

    // Each goes to the one subnet that it is in; whether it can be had there is the driver's to judge.
    private static ImmutableArray<SubnetSpec> Subnets(CreateNetworkRequest request, List<IPNetwork> prefixes, List<Problem> problems)
    {
        var subnets = prefixes.Select(static p => new SubnetSpec(p)).ToArray();
        foreach (var gateway in ReadGateways(request.Gateways, problems))
        {
            var index = Array.FindIndex(subnets, s => Prefix.Contains(s.Prefix, gateway));
            var free = Array.FindIndex(subnets, s => Prefix.Contains(s.Prefix, gateway) && s.Gateway is null);
            if (free >= 0)
            {
                subnets[free] = subnets[free] with { Gateway = gateway };
            }
            else
            {
                problems.Add(index >= 0
                    ? Twice("gateway.twice", "--gateway", $"gateway {gateway}", subnets[index].Prefix, subnets[index].Gateway)
                    : Outside("gateway.outside", "--gateway", $"gateway {gateway}", prefixes));
            }
        }

        foreach (var range in ReadPrefixes(request.IpRanges, "range.invalid", "--ip-range", problems))
        {
            var index = Array.FindIndex(subnets, s => Prefix.Contains(s.Prefix, range.BaseAddress));
            if (index >= 0 && subnets[index].Range is null)
            {
                subnets[index] = subnets[index] with { Range = range };
            }
            else
            {
                problems.Add(index >= 0
                    ? Twice("range.twice", "--ip-range", $"range {range}", subnets[index].Prefix, subnets[index].Range)
                    : Outside("range.outside", "--ip-range", $"range {range}", prefixes));
            }
        }

        foreach (var (name, address) in ReadAuxiliaries(request.AuxAddresses, problems))
        {
            var index = Array.FindIndex(subnets, s => Holds(s.Prefix, name, address));
            if (index >= 0)
            {
                subnets[index] = subnets[index] with { AuxAddresses = subnets[index].AuxAddresses.Add(name, address) };
            }
            else
            {
                problems.Add(Outside("aux.outside", "--aux-address", $"auxiliary address {name}={address}", prefixes));
            }
        }

        return [.. subnets];
    }

    // A link-local router is in no subnet: it goes to the one of its family.
    private static bool Holds(IPNetwork prefix, string name, IPAddress address) =>
        Prefix.Contains(prefix, address)
        || (name == AuxiliaryName.DefaultGateway6 && address.IsIPv6LinkLocal && Prefix.BitsOf(prefix.BaseAddress) == 128);

    private static Problem Twice(string code, string field, string what, IPNetwork prefix, object? other) =>
        new(code, field, $"{what} is in subnet {prefix}, which has {other} already", $"give {field} once for each subnet");

    private static Problem Outside(string code, string field, string what, List<IPNetwork> prefixes) => new(
        code,
        field,
        $"{what} is in none of the subnets",
        prefixes.Count == 0 ? "give its subnet with --subnet" : $"the subnets are {FirstOf.Text(prefixes, prefixes.Count)}");
}
