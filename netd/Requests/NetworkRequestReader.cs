using System.Collections.Immutable;
using System.Net;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Requests;

/// <summary>Turns the text of a create request into a spec, collecting every mistake.</summary>
internal static class NetworkRequestReader
{
    public static NetworkSpec Read(CreateNetworkRequest request, List<Problem> problems)
    {
        var prefixes = ReadPrefixes(request.Subnets, problems);
        var gateways = ReadGateways(request.Gateways, problems);
        return new NetworkSpec
        {
            Name = request.Name,
            Driver = string.IsNullOrEmpty(request.Driver) ? "bridge" : request.Driver,
            Ipv4 = request.Ipv4 ?? true,
            Ipv6 = request.Ipv6 ?? prefixes.Any(static p => Prefix.BitsOf(p.BaseAddress) == 128),
            Internal = request.Internal,
            Subnets = Pair(prefixes, gateways, problems),
            Options = request.Options,
            Labels = request.Labels,
        };
    }

    private static List<IPNetwork> ReadPrefixes(ImmutableArray<string> texts, List<Problem> problems)
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
                problems.Add(new Problem("subnet.invalid", "--subnet", problem!)); // a refusal always says why
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
                problems.Add(new Problem("gateway.invalid", "--gateway", problem!));
            }
        }

        return gateways;
    }

    private static ImmutableArray<SubnetSpec> Pair(List<IPNetwork> prefixes, List<IPAddress> gateways, List<Problem> problems)
    {
        var left = new List<IPAddress>(gateways);
        var subnets = ImmutableArray.CreateBuilder<SubnetSpec>();
        foreach (var prefix in prefixes)
        {
            var gateway = left.Find(prefix.Contains);
            if (gateway is not null)
            {
                _ = left.Remove(gateway);
            }

            subnets.Add(new SubnetSpec(prefix, gateway));
        }

        foreach (var gateway in left)
        {
            problems.Add(new Problem(
                "gateway.outside",
                "--gateway",
                $"gateway {gateway} is in none of the subnets",
                prefixes.Count == 0 ? "give its subnet with --subnet" : $"the subnets are {string.Join(", ", prefixes)}"));
        }

        return subnets.ToImmutable();
    }
}
