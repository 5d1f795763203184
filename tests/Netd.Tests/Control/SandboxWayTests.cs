namespace Networking.Netd.Tests.Control;

/// <summary>The way to a namespace stays while somebody is about to use it, and goes when nobody is.</summary>
public sealed class SandboxWayTests
{
    private const string Path = "/run/netns/x";

    [Fact]
    public async Task A_look_for_the_owner_of_a_replaced_namespace_leaves_the_way_of_a_connect_to_the_new_one()
    {
        await using var lab = new ControllerLab();
        await lab.CreateAsync("app");
        _ = lab.Namespace(Path);
        _ = await lab.ConnectAsync("app", Path);
        var old = Assert.Single(lab.State.Sandboxes.Keys);

        var ns = lab.Namespace(Path);
        var opened = 0;
        lab.Namespaces.Opened = async _ =>
        {
            if (++opened == 1)
            {
                await lab.Controller.OwnerGoneAsync(old); // while the connect has opened the new one and claims nothing yet
            }
        };
        _ = await lab.ConnectAsync("app", Path);
        Assert.Equal(ns, lab.State.Sandboxes[Assert.Single(lab.State.Endpoints).Value.SandboxId].Record.Namespace);
        Assert.True(lab.Namespaces.IsAlive(ns));
    }

    [Fact]
    public async Task A_way_that_was_only_looked_at_is_forgotten()
    {
        await using var lab = new ControllerLab();
        await lab.CreateAsync("app");
        _ = lab.Namespace(Path);
        _ = await lab.ConnectAsync("app", Path);
        var ns = lab.Namespace(Path);
        await lab.Controller.OwnerGoneAsync(Assert.Single(lab.State.Sandboxes.Keys));
        Assert.False(lab.Namespaces.IsAlive(ns));
    }
}
