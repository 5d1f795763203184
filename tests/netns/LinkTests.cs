using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netns.Tests;

/// <summary>Links of each kind on the real kernel, asked back through <c>ip -j -d</c>.</summary>
public sealed class LinkTests
{
    [Fact]
    public async Task A_pair_is_made_with_its_peer_inside_the_sandbox_and_is_as_desired()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var (host, peer) = lab.Pair(sandbox, 1);

        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()), Lab.Create(host));
        await lab.DoneAsync(
            sandbox,
            Lab.Create(peer),
            Lab.Create(Lab.Address(sandbox, "eth0", "10.20.0.2/16")),
            Lab.Create(Lab.Address(sandbox, "eth0", "fd00:20::2/64")),
            Lab.Create(new RouteState
            {
                Namespace = sandbox,
                Destination = IPNetwork.Parse("0.0.0.0/0"),
                Link = "eth0",
                Gateway = IPAddress.Parse("10.20.0.1"),
            }));

        var port = Lab.Link(null, host.Name)!.Value;
        Assert.Equal(1500, Lab.Link(null, lab.Bridge)!.Value.GetProperty("mtu").GetInt32()); // not the smaller one of its port
        Assert.Equal(lab.Bridge, port.GetProperty("master").GetString());
        Assert.Equal(1450, port.GetProperty("mtu").GetInt32());
        Assert.Equal(host.Alias, port.GetProperty("ifalias").GetString());
        Assert.Equal("none", port.GetProperty("inet6_addr_gen_mode").GetString());
        var slave = port.GetProperty("linkinfo").GetProperty("info_slave_data");
        Assert.True(slave.GetProperty("isolated").GetBoolean());
        Assert.True(slave.GetProperty("hairpin").GetBoolean());

        var end = Lab.Link(name, "eth0")!.Value;
        Assert.Equal("02:42:0a:14:01:01", end.GetProperty("address").GetString());
        Assert.Equal("UP", end.GetProperty("operstate").GetString());
        Assert.Contains("default via 10.20.0.1 dev eth0 proto 178", Lab.Run("ip", "-n", name, "route"), StringComparison.Ordinal);
        var addresses = Lab.Run("ip", "-n", name, "addr", "show", "dev", "eth0");
        Assert.Contains("inet 10.20.0.2/16 brd 10.20.255.255 scope global", addresses, StringComparison.Ordinal);
        Assert.Contains("inet6 fd00:20::2/64", addresses, StringComparison.Ordinal);
        Assert.Contains("nodad", addresses, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_instances_that_are_in_one_sandbox_each_takes_what_is_on_its_own_links_for_its_own()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        var (host, peer) = lab.Pair(sandbox, 1);
        var address = Lab.Address(sandbox, "eth0", "10.20.0.2/16");
        var route = new RouteState { Namespace = sandbox, Destination = IPNetwork.Parse("10.30.0.0/16"), Link = "eth0", Gateway = IPAddress.Parse("10.20.0.1") };
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()), Lab.Create(host));
        await lab.DoneAsync(sandbox, Lab.Create(peer), Lab.Create(address), Lab.Create(route));

        await lab.AssertAsDesiredAsync(peer, address, route);
        Assert.Empty((await ObserveAsync([])).Objects);
        Assert.Equal([peer.Key], (await ObserveAsync([peer])).Objects.Select(static item => item.Key)); // it wants the name too

        Task<KernelState> ObserveAsync(LinkState[] wanted) =>
            lab.Kernel.ObserveAsync(new Observation(sandbox, Ownership.TagOf("another"), [.. wanted]), Lab.Cancel);
    }
}
