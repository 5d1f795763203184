using System.Collections.Immutable;
using System.Globalization;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>Draws the next request from a seed and from what there is.</summary>
internal sealed class RandomOperations(int seed, ImmutableArray<string> foreignNamespaces)
{
    private const int NetworksMax = 5;
    private const int SandboxesMax = 4;

    private readonly Random _random = new(seed);
    private int _names;

    public ApiCall Next(NetworkDocument[] networks, SandboxDocument[] sandboxes)
    {
        var kept = sandboxes.Where(static s => s.Owner == "daemon").ToArray();
        var endpoints = sandboxes.SelectMany(static s => s.Endpoints).ToArray();
        while (true)
        {
            switch (_random.Next(12))
            {
                case 0 or 1 when networks.Length < NetworksMax:
                    return ApiCall.Create(_random.Next(4) == 0 ? Macvlan() : Network());
                case 2 when kept.Length < SandboxesMax:
                    return ApiCall.CreateSandbox($"s{_names++}");
                case 3 when kept.Length > 1 && _random.Next(3) == 0:
                    return ApiCall.RemoveSandbox(Any(kept).Name, isForced: true);
                case 4 or 5 or 6 or 7 or 8 when networks.Length > 0:
                    return ApiCall.Connect(Any(networks).Name, Endpoint(Any([.. kept.Select(static s => s.Name), .. foreignNamespaces])));
                case 9 or 10 when endpoints.Length > 2:
                    var endpoint = Any(endpoints);
                    return ApiCall.Disconnect(endpoint.Network, endpoint.Id);
                case 11 when networks.Length > 1:
                    var network = Any(networks);
                    return ApiCall.Remove(network.Name, isForced: network.EndpointCount > 0 || _random.Next(2) == 0);
            }
        }
    }

    private CreateNetworkRequest Network()
    {
        var number = _names++;
        var (four, six) = ($"10.{100 + (number % 100)}.0.0/24", $"fd{100 + (number % 100)}::/64");
        var options = ImmutableSortedDictionary<string, string>.Empty;
        options = _random.Next(3) == 0 ? options.Add("icc", "false") : options;
        options = _random.Next(3) == 0 ? options.Add("mtu", "1400") : options;
        options = _random.Next(4) == 0 ? options.Add("masquerade", "false") : options;
        return new CreateNetworkRequest { Name = $"n{number}", Internal = _random.Next(4) == 0, Options = options } is var request
            ? _random.Next(4) switch
            {
                0 => request with { Subnets = [four] },
                1 => request with { Subnets = [six], Ipv4 = false, Ipv6 = true },
                2 => request, // the next free one
                _ => request with { Subnets = [four, six] },
            }
            : throw new System.Diagnostics.UnreachableException();
    }

    // Passthru is refused beside another, with the dry run and without.
    private CreateNetworkRequest Macvlan()
    {
        var number = _names++;
        var options = Scenario.Pairs("parent", Stage.Parent);
        options = _random.Next(4) == 0 ? options.Add("macvlan_mode", "passthru") : _random.Next(2) == 0 ? options.Add("host-shim", "true") : options.Add("mtu", "1400");
        return new CreateNetworkRequest
        {
            Name = $"n{number}",
            Driver = "macvlan",
            Subnets = [$"10.{100 + (number % 100)}.0.0/24", .. _random.Next(2) == 0 ? [$"fd{100 + (number % 100)}::/64"] : Array.Empty<string>()],
            Gateways = _random.Next(2) == 0 ? [$"10.{100 + (number % 100)}.0.9"] : [],
            Options = options,
        };
    }

    private ConnectRequest Endpoint(string sandbox) => new()
    {
        Sandbox = sandbox,
        GatewayPriority = _random.Next(3),
        Mac = _random.Next(3) == 0 ? string.Create(CultureInfo.InvariantCulture, $"02:42:00:00:{_names / 256:x2}:{_names++ % 256:x2}") : null,
        Ifname = _random.Next(3) == 0 ? $"net{_names++}" : null,
        Sysctls = _random.Next(3) == 0 ? Scenario.Pairs("net.ipv4.conf.IFNAME.arp_notify", "1") : ImmutableSortedDictionary<string, string>.Empty,
    };

    private T Any<T>(T[] items) => items[_random.Next(items.Length)];
}
