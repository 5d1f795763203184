using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;
using static Networking.NetnsFirewall.Tests.Firewall;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>Reading while others write, and hearing of what they wrote.</summary>
public sealed class FirewallWatchTests
{
    [Fact]
    public void Change_while_reading_is_read_again()
    {
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            Apply(Create(Node));
            var times = 0;
            using var transport = new FirewallTransport(new InterruptingChannel(channel, datagram =>
            {
                if (datagram[4] == 13 && ++times <= 2)
                {
                    // In the middle of the first two attempts somebody adds a network.
                    Apply(Create(Network($"br-{times}", "network/x")));
                }
            }));

            var bridges = transport.Observe(NetNs.Host, TableName).OfType<FirewallElementState>().Where(static e => e.Set == "bridges");

            Assert.Equal(["br-1", "br-2"], bridges.Select(static e => e.KeyParts[0]).Order());
        });
    }

    [Fact]
    public void Events_say_which_table_was_touched_and_by_whom()
    {
        using var ns = new TestNamespace();
        NetfilterSocket? events = null;
        var port = 0u;
        ns.Inside(() =>
        {
            Apply(Create(Node));
            events = new NetfilterSocket(FirewallEvent.MulticastGroup);
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Assert.Empty(Errors(transport.Apply(Create(Network("br-a", "network/aa")))));
            port = channel.PortId;
        });
        using var listening = events!; // opened above
        ns.Run("nft", "add table ip netd");

        var (touched, committed) = Next(listening);
        Assert.All(touched, static t => Assert.True(t.IsAbout(TableName)));
        Assert.Equal((3, port), (touched.Count, committed.PortId));
        (touched, committed) = Next(listening);
        Assert.False(Assert.Single(touched).IsAbout(TableName));
        Assert.Equal("nft", committed.ProcessName);
        Assert.NotEqual(port, committed.PortId);
    }

    private static (List<FirewallTouched> Touched, FirewallCommitted Committed) Next(NetfilterSocket socket)
    {
        var events = new List<FirewallEvent>();
        var buffer = new byte[65_536];
        while (events.OfType<FirewallCommitted>().FirstOrDefault() is not { } committed)
        {
            FirewallEvent.Read(buffer.AsSpan(0, socket.Receive(buffer)), events);
        }

        return ([.. events.OfType<FirewallTouched>()], events.OfType<FirewallCommitted>().Single());
    }
}
