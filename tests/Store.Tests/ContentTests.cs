using System.Net;
using Networking.Model;

namespace Networking.Store.Tests;

public sealed class ContentTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_new_store_is_empty()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);

        var content = store.Load();

        Assert.Null(content.Node);
        Assert.True(content is { Networks: [], Sandboxes: [], Endpoints: [] });
    }

    [Fact]
    public async Task Every_field_of_every_record_comes_back_after_a_restart()
    {
        var content = new StoreContent
        {
            Node = Sample.Node(),
            Networks = [Sample.Network(1), Sample.Network(2, "red")],
            Sandboxes = [Sample.Sandbox(3)],
            Endpoints = [Sample.Endpoint(4, 1, 3), Sample.Endpoint(5, 2, 3)],
        };
        var change = new StoreChange
        {
            Node = content.Node,
            Networks = content.Networks,
            Sandboxes = content.Sandboxes,
            Endpoints = content.Endpoints,
        };

        await CommitAndCloseAsync(change);

        var loaded = await ReopenAsync();
        Assert.Equal(Sample.Text(content), Sample.Text(loaded));
        Assert.Equal(content.Networks[0].AdoptedAddresses, loaded.Networks[0].AdoptedAddresses);
        Assert.Equal(content.Networks[0].Spec.Labels, loaded.Networks[0].Spec.Labels);
        Assert.Equal(content.Sandboxes[0] with { OriginalSysctls = loaded.Sandboxes[0].OriginalSysctls }, loaded.Sandboxes[0]);
        Assert.Equal(content.Endpoints[0].Ipv6, loaded.Endpoints[0].Ipv6);
    }

    [Fact]
    public async Task Records_without_any_optional_field_come_back()
    {
        var network = new NetworkRecord
        {
            Id = new NetworkId(Sample.Id(1)),
            Spec = new NetworkSpec { Name = "n" },
            LinkName = "nb-1",
            LinkMac = default,
            Created = default,
        };

        await CommitAndCloseAsync(new StoreChange { Networks = [network] });

        var loaded = (await ReopenAsync()).Networks[0];
        Assert.Null(loaded.Ipv4);
        Assert.Empty(loaded.AdoptedAddresses);
        Assert.Equal("bridge", loaded.Spec.Driver);
        Assert.Equal(MacAddress.FromBytes(new byte[6]), loaded.LinkMac);
    }

    [Fact]
    public async Task A_network_of_a_driver_that_an_older_netd_does_not_know_is_not_read_by_it()
    {
        var bridge = Sample.Network(1);
        var macvlan = Sample.Network(2, "lan") with
        {
            Spec = Sample.Network(2, "lan").Spec with { Driver = "macvlan" },
            MoreSubnets = [new SubnetRecord(IPNetwork.Parse("10.21.0.0/24"), IPAddress.Parse("10.21.0.1"))],
        };

        await CommitAndCloseAsync(new StoreChange { Networks = [bridge, macvlan] });

        Assert.Equal(macvlan.MoreSubnets.AsEnumerable(), (await ReopenAsync()).Networks[1].MoreSubnets);
        using var database = SqliteDatabase.Open(_directory.Database);
        using var statement = database.Prepare("SELECT record_version FROM networks ORDER BY id");
        Assert.True(statement.Step());
        Assert.Equal(1, statement.Int64(0));
        Assert.True(statement.Step());
        Assert.Equal(2, statement.Int64(0));
    }

    [Fact]
    public async Task A_put_replaces_by_id_and_a_removal_tolerates_absence()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await store.CommitAsync(new StoreChange { Networks = [Sample.Network(1), Sample.Network(2)] }, Durability.Disk, Token);

        await store.CommitAsync(
            new StoreChange
            {
                Networks = [Sample.Network(1, "green")],
                RemovedNetworks = [new NetworkId(Sample.Id(2)), new NetworkId(Sample.Id(99))],
                RemovedSandboxes = [new SandboxId(Sample.Id(99))],
                RemovedEndpoints = [new EndpointId(Sample.Id(99))],
            },
            Durability.Disk,
            Token);

        Assert.Equal("green", Assert.Single(store.Load().Networks).Spec.Name);
    }

    [Fact]
    public async Task An_endpoint_moves_and_its_old_sandbox_goes_in_one_change()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await store.CommitAsync(
            new StoreChange { Networks = [Sample.Network(1)], Sandboxes = [Sample.Sandbox(2)], Endpoints = [Sample.Endpoint(3, 1, 2)] },
            Durability.Process,
            Token);

        await store.CommitAsync(
            new StoreChange
            {
                Sandboxes = [Sample.Sandbox(4)],
                Endpoints = [Sample.Endpoint(3, 1, 4)],
                RemovedSandboxes = [new SandboxId(Sample.Id(2))],
            },
            Durability.Process,
            Token);

        var content = store.Load();
        Assert.Equal(Sample.Id(4), Assert.Single(content.Sandboxes).Id.Value);
        Assert.Equal(Sample.Id(4), Assert.Single(content.Endpoints).SandboxId.Value);
    }

    [Fact]
    public async Task What_other_boots_left_is_removed_and_counted()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await store.CommitAsync(
            new StoreChange
            {
                Networks = [Sample.Network(1)],
                Sandboxes = [Sample.Sandbox(2, "old"), Sample.Sandbox(3)],
                Endpoints = [Sample.Endpoint(4, 1, 2, "old"), Sample.Endpoint(5, 1, 2, "old"), Sample.Endpoint(6, 1, 3)],
            },
            Durability.Process,
            Token);

        var removed = await store.RemoveOtherBootsAsync(Sample.Boot, Token);

        Assert.Equal(3, removed);
        var content = store.Load();
        Assert.Equal(Sample.Id(3), Assert.Single(content.Sandboxes).Id.Value);
        Assert.Equal(Sample.Id(6), Assert.Single(content.Endpoints).Id.Value);
        Assert.Single(content.Networks);
    }

    [Fact]
    public async Task An_id_that_means_none_is_never_stored()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);

        await Assert.ThrowsAsync<InvariantException>(
            () => store.CommitAsync(new StoreChange { RemovedNetworks = [default] }, Durability.Disk, Token));
    }

    private async Task CommitAndCloseAsync(StoreChange change)
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await store.CommitAsync(change, Durability.Disk, Token);
    }

    private async Task<StoreContent> ReopenAsync()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        return store.Load();
    }
}
