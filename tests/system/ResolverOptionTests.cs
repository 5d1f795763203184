using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What a user says of names by network and by endpoint: servers, search list, options, links, services, host names.</summary>
public sealed class ResolverOptionTests : IAsyncLifetime
{
    private Stage? _stage;
    private WorldServer? _hosts;

    private Stage Stage => _stage ?? throw new InvalidOperationException("the stage was not opened");

    private WorldServer HostsServer => _hosts ?? throw new InvalidOperationException("the server was not started");

    public async ValueTask InitializeAsync()
    {
        _stage = await Stage.OpenAsync(before: async stage =>
        {
            await File.WriteAllTextAsync($"{stage.Folder}/resolv.conf", $"nameserver {Stage.WorldAddress4}\nsearch host.test\noptions timeout:9\n", Eventually.Cancel);
            stage.ConfigFile = $"{stage.Folder}/netd.json";
            await File.WriteAllTextAsync(stage.ConfigFile, $$"""{"resolvConf": "{{stage.Folder}}/resolv.conf"}""", Eventually.Cancel);
            return true;
        });
        _hosts = Stage.Keep(new WorldServer(Stage.World, Stage.WorldAddress4));
        _ = await Stage.NetworkAsync("app", "10.20.0.0/24");
    }

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }

    [Fact]
    public async Task Servers_of_an_endpoint_are_asked_from_inside_the_sandbox_until_they_are_taken_away()
    {
        var (corp, _) = await Stage.ContainerAsync("app", "corp", new ConnectRequest { Ip = "10.20.0.53" });
        var server = Stage.Keep(new WorldServer(corp, "10.20.0.53"));
        _ = await Stage.SandboxAsync("client");
        var connected = await Stage.NetctlAsync(
            "connect", "app", "client", "--ip", "10.20.0.9", "--dns", "10.20.0.53", "--dns-search", "corp.test", "--dns-option", "ndots:1");
        _ = connected.Succeeded();

        Assert.Contains(WorldServer.Answer, await GetentAsync("client", "a.example.com"), StringComparison.Ordinal);
        Assert.Equal(["10.20.0.9"], server.Askers);
        Assert.Empty(HostsServer.Asked);
        Assert.Contains("search corp.test\noptions ndots:1\n# netd asks for what it does not know: 10.20.0.53 (from here)\n", await FileAsync("client", "resolv.conf"), StringComparison.Ordinal);

        await Stage.RestartAsync(isKilled: true);
        Assert.Contains(WorldServer.Answer, await GetentAsync("client", "b.example.com"), StringComparison.Ordinal);
        Assert.Empty(HostsServer.Asked);

        _ = (await Stage.NetctlAsync("update", "app", "client", "--dns", "default", "--dns-search", "default", "--dns-option", "default")).Succeeded();
        Assert.Contains(WorldServer.Answer, await GetentAsync("client", "c.example.com"), StringComparison.Ordinal);
        Assert.Contains("c", HostsServer.Asked);
        Assert.DoesNotContain("c", server.Asked);
        Assert.Contains("search host.test\noptions timeout:9 ndots:0\n", await FileAsync("client", "resolv.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_of_a_network_hold_for_its_sandboxes_also_inside_an_internal_one_and_follow_a_change()
    {
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "closed", Subnets = ["10.21.0.0/24"], Internal = true, Dns = ["10.21.0.53"], DnsSearch = ["."] });
        var (corp, _) = await Stage.ContainerAsync("closed", "corp", new ConnectRequest { Ip = "10.21.0.53" });
        var server = Stage.Keep(new WorldServer(corp, "10.21.0.53"));
        _ = await Stage.ContainerAsync("closed", "client", new ConnectRequest { Ip = "10.21.0.9" });

        Assert.Contains(WorldServer.Answer, await GetentAsync("client", "a.example.com"), StringComparison.Ordinal);
        Assert.Equal(["10.21.0.9"], server.Askers);
        Assert.DoesNotContain("search", await FileAsync("client", "resolv.conf"), StringComparison.Ordinal);

        _ = (await Stage.NetctlAsync("update", "closed", "--dns", "default", "--dns-search", "new.test")).Succeeded();
        Assert.Contains("search new.test\n", await FileAsync("client", "resolv.conf"), StringComparison.Ordinal);
        Assert.Equal(2, (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "getent", "ahostsv4", "b.example.com")).Code);
        Assert.DoesNotContain("b", server.Asked);
        Assert.Empty(HostsServer.Asked);
        _ = (await Stage.NetctlAsync("update", "closed", "--undo")).Succeeded();
        Assert.Contains(WorldServer.Answer, await GetentAsync("client", "c.example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_answers_with_all_of_its_tasks_each_first_in_turn()
    {
        var addresses = new List<string>();
        for (var i = 1; i <= 3; i++)
        {
            var (_, task) = await Stage.ContainerAsync("app", $"api{i}", new ConnectRequest { Service = "api" });
            addresses.Add(task.Address4);
        }

        var (client, _) = await Stage.ContainerAsync("app", "client");
        var firsts = new HashSet<string>();
        for (var i = 0; i < 6; i++)
        {
            var answer = await DigAsync(client, i % 2 == 0 ? "api" : "TASKS.api.app");
            Assert.Equal(addresses.Order(StringComparer.Ordinal), answer.Order(StringComparer.Ordinal));
            _ = firsts.Add(answer[0]);
        }

        Assert.Equal(addresses.Order(StringComparer.Ordinal), firsts.Order(StringComparer.Ordinal));
        _ = (await Stage.Api.DisconnectAsync("app", "api2")).Change();
        Assert.Equal([addresses[0], addresses[2]], (await DigAsync(client, "tasks.api")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_link_is_a_name_for_one_sandbox_and_a_host_name_is_one_for_all()
    {
        var (_, db) = await Stage.ContainerAsync("app", "db1", new ConnectRequest { Hostname = "primary" });
        _ = await Stage.SandboxAsync("client");
        _ = (await Stage.NetctlAsync("connect", "app", "client", "--link", "db1:store", "--hostname", "box")).Succeeded();
        var (other, _) = await Stage.ContainerAsync("app", "other");

        Assert.Contains(db.Address4, await GetentAsync("client", "store"), StringComparison.Ordinal);
        Assert.Empty(await DigAsync(other, "store"));
        Assert.Equal([db.Address4], await DigAsync(other, "primary"));
        Assert.Empty(HostsServer.Asked);

        var hosts = await FileAsync("client", "hosts");
        Assert.Contains("127.0.0.1\tlocalhost\n", hosts, StringComparison.Ordinal);
        Assert.Matches(@"\n10\.20\.0\.\d+\tclient\.app box client\n$", hosts);
        Assert.Contains("client.app", (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "getent", "hosts", "box")).Succeeded(), StringComparison.Ordinal);
        Assert.DoesNotContain("client.app", await File.ReadAllTextAsync("/etc/hosts", Eventually.Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_mistake_is_named_at_once_and_nothing_is_made()
    {
        _ = await Stage.SandboxAsync("client");
        var answer = await Stage.NetctlAsync(
            "connect", "app", "client", "--dns", "127.0.0.11", "--dns", "300.1.1.1", "--dns", "224.0.0.1", "--dns-search", "a..b", "--dns-option", "nd ots",
            "--service", "-x", "--hostname", "a b", "--link", "a:b:c");

        Assert.Equal(1, answer.Code);
        string[] expected =
        [
            "127.0.0.11 is where netd itself answers", "300.1.1.1", "224.0.0.1 is not the address of one host", "'a..b' is no domain",
            "'nd ots' is no option", "'-x' cannot be the name of a service", "'a b' cannot be the name of a host", "'a:b:c' is no link",
        ];
        Assert.All(expected, text => Assert.Contains(text, answer.Error, StringComparison.Ordinal));
        Assert.Empty((await Stage.Api.NetworkAsync("app")).Endpoints);
        var host = await Stage.NetctlAsync("connect", "none", "client", "--dns", "192.0.2.1");
        Assert.Equal(1, host.Code);
        Assert.Contains("--dns means nothing there", host.Error, StringComparison.Ordinal);
    }

    // On a busy machine the test's own name server may be slower than netd waits for it.
    private async Task<string> GetentAsync(string sandbox, string name)
    {
        var text = string.Empty;
        _ = await Eventually.OutputAsync(
            TimeSpan.FromSeconds(60),
            () => Stage.NetctlAsync("sandbox", "exec", sandbox, "--", "getent", "ahostsv4", name),
            answer => answer.IsDone && (text = answer.Text).Length > 0);
        return text;
    }

    private async Task<string> FileAsync(string sandbox, string name) =>
        (await Stage.NetctlAsync("sandbox", "exec", sandbox, "--", "cat", $"/etc/{name}")).Succeeded();

    private static async Task<string[]> DigAsync(Place place, string name) =>
        (await place.RunAsync("dig", "@127.0.0.11", "+short", "+tries=2", "+time=3", name)).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
