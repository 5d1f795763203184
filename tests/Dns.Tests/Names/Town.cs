using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Dns.Tests;

/// <summary>Names of a small node, and what a sandbox is told about them.</summary>
internal sealed class Town
{
    public Town(PlantedBug planted = PlantedBug.None) => Names = NameSnapshot.Empty.WithPlanted(planted);

    public NameSnapshot Names { get; private set; }

    public static NetworkId Network(string name) => new(name.PadRight(64, '0'));

    public static SandboxId SandboxOf(string name) => new(name.PadRight(64, '1'));

    public Town WithNetwork(string name, params string[] prefixes)
    {
        Names = Names.With(new NetworkNames(Network(name), name, [.. prefixes.Select(IPNetwork.Parse)]));
        return this;
    }

    public Town WithSandbox(string name, params string[] networks) => WithSandbox(name, ImmutableDictionary<string, string>.Empty, networks);

    public Town WithSandbox(string name, ImmutableDictionary<string, string> links, params string[] networks)
    {
        Names = Names.With(new SandboxNames { Id = SandboxOf(name), Networks = [.. networks.Select(Network)], Links = links, IsForwarding = true });
        return this;
    }

    public EndpointNames Add(string network, string name, string? ipv4, string? ipv6 = null, string[]? aliases = null, ServicePort[]? ports = null, string[]? services = null)
    {
        var endpoint = new EndpointNames
        {
            Id = new EndpointId($"{network}/{name}/".PadRight(64, '2')),
            Name = name,
            Aliases = [.. aliases ?? []],
            Services = [.. services ?? []],
            Ports = [.. ports ?? []],
            Ipv4 = ipv4 is null ? null : IPAddress.Parse(ipv4),
            Ipv6 = ipv6 is null ? null : IPAddress.Parse(ipv6),
        };
        Names = Names.With(Names.Network(Network(network))!.With(endpoint)); // the test has made it
        return endpoint;
    }

    public void Remove(string network, EndpointNames endpoint) =>
        Names = Names.With(Names.Network(Network(network))!.Without(endpoint)); // the test has made it

    public void Change(string network, Func<NetworkNames, NetworkNames> change) =>
        Names = Names.With(change(Names.Network(Network(network))!)); // the test has made it

    /// <summary>The answer as words: the result, then the records; "upstream" if others would be asked.</summary>
    public string Ask(string sandbox, string name, RecordType type = RecordType.A, uint turn = 0)
    {
        Assert.Equal(DnsFault.None, DnsQuery.TryRead(Wire.Query(name, type), out var query));
        var verdict = Names.Resolve(Names.Sandbox(SandboxOf(sandbox))!, query.Name, query.Type); // the test has made it
        if (verdict.Kind == NameVerdictKind.Unknown)
        {
            return "upstream";
        }

        var reply = new byte[1232];
        return Answer.Words(reply.AsSpan(0, LocalAnswer.Write(query, verdict, reply, turn)));
    }
}
