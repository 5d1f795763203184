using Networking.Kernel;

namespace Networking.Netd.Tests.Control;

/// <summary>Interfaces that others make in a sandbox after netd has looked.</summary>
public sealed class InterfaceNameTests
{
    [Fact]
    public async Task A_name_that_others_have_taken_since_is_told_with_the_way_out()
    {
        const string path = "/run/netns/x";
        await using var lab = new ControllerLab();
        await lab.CreateAsync("app");
        await lab.CreateAsync("other");
        var ns = lab.Namespace(path);
        _ = await lab.ConnectAsync("app", path);
        lab.Kernel.ForeignCreate(new LinkState { Namespace = ns, Name = "eth1", Details = new ExistingLink("dummy"), IsUp = true, MtuBytes = 1500 });

        var change = await lab.ConnectAsync("other", path);
        Assert.Contains("(EEXIST)", change.Status?.Reason, StringComparison.Ordinal);
        Assert.Contains("if something else has made eth1 in the sandbox, disconnect, and connect again with another --ifname", change.Warnings);
    }
}
