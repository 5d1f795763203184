using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>Doors that later features go through.</summary>
public sealed class SeamTests
{
    [Fact]
    public async Task A_generic_family_is_found_by_name_inside_a_sandbox()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        using var socket = lab.Directory.OpenSocket(sandbox, NetlinkProtocol.Generic);
        Assert.Equal(sandbox, new NetNs(socket.NamespaceCookie));
        Assert.Equal((ushort)16, GenericNetlink.FindFamily(socket, "nlctrl"));
        Assert.Null(GenericNetlink.FindFamily(socket, "netd-none"));
    }

    [Fact]
    public async Task Sockets_for_ipsec_and_connection_tracking_open()
    {
        await using var lab = Lab.Open();
        using var xfrm = lab.Directory.OpenSocket(NetNs.Host, NetlinkProtocol.Xfrm);
        using var netfilter = lab.Directory.OpenSocket(NetNs.Host, NetlinkProtocol.Netfilter);
        Assert.NotEqual(0u, xfrm.PortId);
        Assert.NotEqual(0u, netfilter.PortId);
    }
}
