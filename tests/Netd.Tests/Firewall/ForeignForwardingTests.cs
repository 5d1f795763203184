using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Firewall;

namespace Networking.Netd.Tests.Firewall;

public sealed class ForeignForwardingTests
{
    /// <summary>Whoever filters what leaves by an uplink has not closed a network of sandboxes.</summary>
    [Fact]
    public void Only_bridges_that_are_no_way_out_are_guarded()
    {
        var facts = new HostFacts
        {
            Links =
            [
                new HostLink("br0", "bridge", null, 1500, null, []),
                new HostLink("docker0", "bridge", null, 1500, null, []),
                new HostLink("eth0", string.Empty, null, 1500, "br0", []),
            ],
            Routes = [new HostRoute(System.Net.IPNetwork.Parse("0.0.0.0/0"), System.Net.IPAddress.Parse("192.0.2.1"), "br0", 3)],
        };
        ForeignLink[] found = [.. new[] { "br0", "docker0", "eth0", "not-there-yet" }.Select(static n => new ForeignLink(false, n, IsGuarded: true)), new(false, "open", IsGuarded: false)];

        var judged = ForeignForwarding.Judged([.. found], facts);

        Assert.Equal(["br0", "docker0!", "eth0", "not-there-yet!", "open"], judged.Select(static l => l.Name + (l.IsGuarded ? "!" : string.Empty)));
    }
}
