using System.Globalization;
using System.Net;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Ipam;

/// <summary>Says who holds an address or a prefix, what of the host stands in its way, and whether it can be had.</summary>
internal sealed class AddressInquiry(NodeState state, HostFacts facts, HostObstacles host, DateTimeOffset now)
{
    private const int NamedMax = 20;

    /// <summary>Reads what is asked about.</summary>
    /// <exception cref="RefusedException">It is neither an address nor a prefix.</exception>
    public IpamWhyDocument Answer(string text)
    {
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            return Prefix.TryParseAddress(text, out var address, out var problem)
                ? Address(address)
                : throw new RefusedException(Refusal.Of(400, "address.invalid", "address", problem!, "give an address, or a prefix as address/length")); // it says why
        }

        if (!Prefix.TryParse(text, out var prefix, out var wrong))
        {
            throw new RefusedException(Refusal.Of(400, "address.invalid", "address", wrong!, "give an address, or a prefix as address/length")); // it says why
        }

        return prefix.PrefixLength == Prefix.BitsOf(prefix.BaseAddress) ? Address(prefix.BaseAddress) : OfPrefix(prefix);
    }

    private IpamWhyDocument Address(IPAddress address)
    {
        var single = new IPNetwork(address, Prefix.BitsOf(address));
        List<string> lines = [];
        var document = new IpamWhyDocument { Asked = address.ToString(), State = "free" };
        var network = state.Networks.Values.FirstOrDefault(n => n.PoolOf(address) is not null);
        if (network is not null)
        {
            document = InNetwork(network, address, lines);
        }
        else if (SpecialPrefix.Overlapping(single) is { Count: > 0 } special)
        {
            document = document with { State = "unusable" };
            lines.Add($"{address} is in {string.Join(" and ", special)}: no endpoint can be reached by it.");
        }

        foreach (var link in facts.Links.Where(l => l.Addresses.Any(a => a.Address.Equals(address))))
        {
            document = network is null ? document with { State = "host" } : document;
            lines.Add($"It is an address of the host's interface {link.Name}.");
        }

        var obstacles = host.Overlapping(single).ToArray();
        document = network is null && document.State == "free" && obstacles.Any(static o => o.Kind is ObstacleKind.Connected or ObstacleKind.Resolver)
            ? document with { State = "host" }
            : document;
        AddObstacles(obstacles, lines);
        if (network is null && document.State == "free")
        {
            lines.Add($"No network has {address}.");
            AddPool(single, lines);
        }

        return document with { Lines = [.. lines] };
    }

    private IpamWhyDocument InNetwork(NetworkEntry network, IPAddress address, List<string> lines)
    {
        var pool = network.PoolOf(address)!.AsOf(now); // asked before
        var where = $"of network {network.Name} ({pool.Prefix})";
        var document = new IpamWhyDocument { Asked = address.ToString(), State = "free", Network = network.Name };
        switch (pool.UseOf(address))
        {
            case AddressUse.Leased:
                var endpoint = state.Endpoints[network.Leases[address]];
                var sandbox = state.Sandboxes[endpoint.SandboxId].Record.Name;
                lines.Add($"{address} {where} is leased to endpoint {endpoint.Name} in sandbox {sandbox} since {Time(endpoint.Created)}, for boot {endpoint.BootId}.");
                return document with { State = "leased", Endpoint = endpoint.Name, Sandbox = sandbox };
            case AddressUse.Reserved reserved:
                var carrier = reserved.Reason == "gateway" && network.Traits.IsRoutedByHost ? $", which device {network.Record.LinkName} carries" : string.Empty;
                lines.Add($"{address} {where} is the {reserved.Reason}{carrier}: it is never leased.");
                return document with { State = "reserved" };
            case AddressUse.Resting resting:
                lines.Add($"{address} {where} was released and rests until {Time(resting.Until)}: before that it is given to who asks for it, or when nothing else is free.");
                return document with { State = "resting" };
            case AddressUse.Free { IsChosen: false }:
                lines.Add($"{address} {where} is free: it is outside the range, so only who asks for it gets it.");
                return document;
            default:
                lines.Add($"{address} {where} is free.");
                return document;
        }
    }

    private IpamWhyDocument OfPrefix(IPNetwork prefix)
    {
        List<string> lines = [];
        var holders = state.Subnets.AllOverlapping(prefix).ToArray();
        lines.AddRange(holders.Take(NamedMax).Select(h => h.Prefix.Equals(prefix)
            ? $"{prefix} is the subnet of {h.Holder}."
            : $"{h.Prefix} of {h.Holder} overlaps it."));
        AddRest(holders.Length, "subnets", lines);
        var obstacles = host.Overlapping(prefix).ToArray();
        AddObstacles(obstacles, lines);
        var special = SpecialPrefix.Overlapping(prefix);
        lines.AddRange(special.Select(static s => $"{s} overlaps it: no endpoint can be reached there."));
        var verdict = special.Count > 0 ? "unusable"
            : holders.Length > 0 ? "taken"
            : obstacles.Any(static o => o.Kind == ObstacleKind.Connected) ? "host"
            : obstacles.Length > 0 ? "warned"
            : "free";
        lines.Add(verdict switch
        {
            "free" => $"{prefix} is free: a network created with it gets it.",
            "warned" => $"{prefix} is free: a network created with it gets it, with a warning.",
            _ => $"A network created with {prefix} is refused.",
        });
        if (verdict is "free" or "warned")
        {
            AddPool(prefix, lines);
        }

        return new IpamWhyDocument
        {
            Asked = prefix.ToString(),
            State = verdict,
            Lines = [.. lines],
            Network = state.Networks.Values.FirstOrDefault(n => n.Record.Subnets.Any(s => s.Prefix.Equals(prefix)))?.Name,
        };
    }

    private static void AddObstacles(HostObstacle[] obstacles, List<string> lines)
    {
        lines.AddRange(obstacles.Take(NamedMax).Select(static o => o.Kind switch
        {
            ObstacleKind.Connected => $"{o.Prefix} is a network of {o.Holder}: no other network can overlap it.",
            ObstacleKind.Resolver => $"{o.Prefix.BaseAddress} is {o.Holder}: no subnet with it is chosen.",
            _ => $"{o.Holder} leads to {o.Prefix}: a subnet there is chosen only when no other is free.",
        }));
        AddRest(obstacles.Length, "networks and routes of the host", lines);
    }

    private static void AddRest(int count, string what, List<string> lines)
    {
        if (count > NamedMax)
        {
            lines.Add($"So do {count - NamedMax} more {what}.");
        }
    }

    // Whether it is in a pool, and which subnet a network that asks for none gets next.
    private void AddPool(IPNetwork prefix, List<string> lines)
    {
        if (state.Subnets.Pools.FirstOrDefault(p => Prefix.Contains(p.Prefix, prefix.BaseAddress)) is not { } pool)
        {
            lines.Add("It is in no pool: only a network that asks for a subnet gets it.");
            return;
        }

        var piece = Prefix.Mask(prefix.BaseAddress, pool.SubnetLength);
        var where = prefix.PrefixLength < pool.SubnetLength ? "It begins with" : "It is in";
        var next = state.Subnets.NextFree(pool.IsIpv6, host.Avoided.First());
        lines.Add(next is SubnetResult.Found found && found.Subnet.Equals(piece)
            ? $"{where} {piece} of pool {pool}, which the next network gets that asks for none."
            : $"{where} {piece} of pool {pool}; the next network that asks for none gets {(next is SubnetResult.Found other ? other.Subnet : "what routes leave")}.");
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
