using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>Pools, subnets and addresses for people.</summary>
internal static class IpamText
{
    /// <summary>All pools, then all subnets, then what of the host overlaps them, then what the cluster shares.</summary>
    public static string Of(IpamDocument ipam, Style style)
    {
        var pools = new Table(
            new("POOL"), new("OWNER"), new("SUBNETS"), new("HELD", IsNumber: true), new("AVOIDED", IsNumber: true), new("FREE", IsNumber: true));
        foreach (var pool in ipam.Pools)
        {
            pools.Add(pool.Prefix, pool.Owner, $"{pool.Size} x /{pool.SubnetLength}", pool.Held, pool.Avoided, pool.Free);
        }

        return pools.Render(style) + "\n" + Of(ipam.Subnets, style) + (ipam.Ranges.IsEmpty ? string.Empty : "\n" + Of(ipam.Ranges, style));
    }

    /// <summary>The addresses of a network that are not free.</summary>
    public static string Of(IpamNetworkDocument network, Style style)
    {
        var table = new Table(new("ADDRESS"), new("STATE"), new("HOLDER"), new("SANDBOX"), new("WHEN"), new("BOOT"));
        foreach (var address in network.Addresses)
        {
            var when = address.Since is { } since ? style.Ago(since) : address.Until is { } until ? $"free {style.Ago(until)}" : string.Empty;
            table.Add(
                address.Address, Cell(address.State), address.Endpoint ?? address.Reason ?? string.Empty,
                address.Sandbox ?? string.Empty, when, address.BootId is { } boot ? ListText.ShortId(boot) : string.Empty);
        }

        return Of(network.Subnets, style) + "\n" + table.Render(style);
    }

    /// <summary>Why: a sentence a line.</summary>
    public static string Of(IpamWhyDocument why) =>
        $"{Printable.Line(why.Asked)}: {Printable.Line(why.State)}\n" + string.Concat(why.Lines.Select(line => $"  {Printable.Line(line)}\n"));

    /// <summary>The subnets alone.</summary>
    public static string Subnets(IpamDocument ipam) => string.Concat(ipam.Subnets.Select(subnet => Printable.Line(subnet.Prefix) + "\n"));

    /// <summary>The leased addresses alone.</summary>
    public static string Leased(IpamNetworkDocument network) => string.Concat(
        network.Addresses.Where(address => address.State == "leased").Select(address => Printable.Line(address.Address) + "\n"));

    private static string Of(IEnumerable<IpamSubnetDocument> subnets, Style style)
    {
        var listed = subnets.ToArray();
        var table = new Table(
            new("SUBNET"), new("NETWORK"), new("GATEWAY"), new("RANGE"), new("ORDER"), new("LEASED", IsNumber: true),
            new("RESTING", IsNumber: true), new("FREE", IsNumber: true));
        foreach (var subnet in listed)
        {
            table.Add(
                subnet.Prefix, subnet.Network, ListText.Joined(subnet.Gateway, subnet.DefaultGateway is { } other ? $"routed by {other}" : null),
                subnet.Range ?? string.Empty, subnet.Order, subnet.Leased, subnet.Resting, subnet.Free);
        }

        var conflicts = listed.Where(subnet => subnet.Conflicts.Length > 0)
            .Select(subnet => $"warning: {subnet.Prefix} of {subnet.Network} overlaps {string.Join(", ", subnet.Conflicts)}")
            .Select(line => Ink.Caution.Paint(Printable.Line(line), style.HasColour) + "\n");
        return table.Render(style) + string.Concat(conflicts);
    }

    private static string Of(IEnumerable<IpamRangeDocument> ranges, Style style)
    {
        var table = new Table(new("SHARED POOL"), new("FIRST"), new("LAST"), new("ADDRESSES", IsNumber: true), new("OWNER"), new("OWNER HAS FREE", IsNumber: true));
        foreach (var range in ranges)
        {
            table.Add($"{range.Pool} {range.Prefix}", range.First, range.Last, range.Size, range.IsThis ? $"{range.Owner} (this node)" : range.Owner, range.OwnerFree ?? string.Empty);
        }

        return table.Render(style);
    }

    private static Cell Cell(string state) => new(state, state == "resting" ? Ink.Caution : Ink.Plain);
}
