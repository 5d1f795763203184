using System.Collections.Immutable;
using System.Globalization;
using System.Net;
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
            switch (_random.Next(16))
            {
                case 0 or 1 when networks.Length < NetworksMax:
                    return ApiCall.Create(_random.Next(4) == 0 ? Macvlan() : Network());
                case 2 when kept.Length < SandboxesMax:
                    return ApiCall.CreateSandbox($"s{_names++}");
                case 3 when kept.Length > 1 && _random.Next(3) == 0:
                    return ApiCall.RemoveSandbox(Any(kept).Name, isForced: true);
                case 4 or 5 or 6 or 7 or 8 when networks.Length > 0:
                    return Connect(Any(networks), Any([.. kept.Select(static s => s.Name), .. foreignNamespaces]));
                case 9 or 10 when endpoints.Length > 2:
                    var endpoint = Any(endpoints);
                    return ApiCall.Disconnect(endpoint.Network, endpoint.Id);
                case 11 when networks.Length > 1:
                    var network = Any(networks);
                    return ApiCall.Remove(network.Name, isForced: network.EndpointCount > 0 || _random.Next(2) == 0);
                case 12 or 13 when networks.Length > 0:
                    return ApiCall.Update(Any(networks).Name, Update());
                case 14 or 15 when endpoints.Length > 0:
                    var published = Any(endpoints);
                    return ApiCall.UpdateEndpoint(published.Network, Ports(published));
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
        options = _random.Next(4) == 0 ? options.Add("name", Stage.Bridge) : options; // adopted; refused while another network has it
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

    // Some are refused, with the dry run and without: a network of macvlan has no bridge's options, and its endpoints no ports.
    private UpdateNetworkRequest Update() => _random.Next(5) switch
    {
        0 => new UpdateNetworkRequest { Undo = true },
        1 => new UpdateNetworkRequest { Options = Scenario.Pairs("mtu", _random.Next(2) == 0 ? "1400" : "1300") },
        2 => new UpdateNetworkRequest { Options = Scenario.Pairs("icc", _random.Next(2) == 0 ? "true" : "false") },
        3 => new UpdateNetworkRequest { Options = Scenario.Pairs("masquerade", _random.Next(2) == 0 ? "true" : "false") },
        _ => new UpdateNetworkRequest { Options = Scenario.Pairs("gateway-mode-ipv4", _random.Next(2) == 0 ? "routed" : "nat-unprotected") },
    };

    private UpdateEndpointRequest Ports(EndpointDocument endpoint) => new()
    {
        Sandbox = endpoint.Id,
        Publish = _random.Next(4) == 0 ? [] : [Port(), .. _random.Next(2) == 0 ? [Port()] : Array.Empty<string>()],
        Unpublish = endpoint.Ports.IsEmpty || _random.Next(2) == 0 ? [] : [Any([.. endpoint.Ports.Select(static p => $"{p.HostPorts}/{p.Protocol}")])],
        Expose = _random.Next(3) == 0 ? "world" : null,
    };

    private string Port()
    {
        var number = 8000 + (10 * _names++);
        return _random.Next(4) switch
        {
            0 => $"{number}:53/udp",
            1 => $"127.0.0.1:{number}:80",
            2 => $"{number}-{number + 4}:90-94",
            _ => $"{number}:80",
        };
    }

    private ApiCall Connect(NetworkDocument network, string sandbox) => ApiCall.Connect(network.Name, new ConnectRequest
    {
        Sandbox = sandbox,
        GatewayPriority = _random.Next(3),
        Ip = _random.Next(3) == 0 ? AddressIn(network.Ipv4) : null,
        Ip6 = _random.Next(3) == 0 ? AddressIn(network.Ipv6) : null,
        Mac = _random.Next(3) == 0 ? string.Create(CultureInfo.InvariantCulture, $"02:42:00:00:{_names / 256:x2}:{_names++ % 256:x2}") : null,
        Ifname = _random.Next(3) == 0 ? $"net{_names++}" : null,
        Sysctls = _random.Next(3) == 0 ? Scenario.Pairs("net.ipv4.conf.IFNAME.arp_notify", "1") : ImmutableSortedDictionary<string, string>.Empty,
        Publish = network.Driver == "bridge" && _random.Next(3) == 0 ? [Port()] : [],
    });

    // Few, so that one is asked for twice now and then.
    private string? AddressIn(SubnetDocument? subnet)
    {
        if (subnet is null)
        {
            return null;
        }

        var bytes = IPNetwork.Parse(subnet.Subnet).BaseAddress.GetAddressBytes();
        bytes[^1] = (byte)_random.Next(50, 60);
        return new IPAddress(bytes).ToString();
    }

    private T Any<T>(T[] items) => items[_random.Next(items.Length)];
}
