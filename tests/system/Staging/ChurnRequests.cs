using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Networking.Model.Api;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Requests drawn from a seed: few names and few numbers, so that they meet. One that is refused is as good as one done.</summary>
internal sealed class ChurnRequests(Stage stage, int seed)
{
    private const int Networks = 4;
    private const int Sandboxes = 4;
    private const int Foreign = 3;
    private const int LargeFirst = 20000;
    private const int LargeLast = 20599;
    private readonly List<Answer> _answers = []; // also the lock that guards it and Cut
    private readonly SemaphoreSlim _foreign = new(1); // ip netns is not to be run twice for one name

    /// <summary>Drawn from by one thread, before anything waits.</summary>
    public Random Random { get; } = new(seed);

    public int Done => _answers.Count(static a => a.IsDone);

    public int Refused => _answers.Count(static a => !a.IsDone);

    /// <summary>Why requests were refused, the most frequent first: a history that is refused all the time tries nothing.</summary>
    public string Reasons => string.Join(", ", _answers
        .Where(static a => !a.IsDone)
        .CountBy(static a => JsonSerializer.Deserialize(a.Text, ApiJson.Default.ErrorDocument)?.Details.FirstOrDefault()?.Code ?? a.Text)
        .OrderByDescending(static r => r.Value)
        .Select(static r => $"{r.Key} {r.Value}"));

    /// <summary>Requests that a dead daemon did not answer.</summary>
    public int Cut { get; private set; }

    public int Kills { get; set; }

    /// <summary>Sends the next one, and asserts that it was understood.</summary>
    /// <param name="mayBeCut">Whether the daemon may die before it answers.</param>
    public Task NextAsync(bool mayBeCut)
    {
        var network = $"n{Random.Next(Networks)}";
        var foreign = Random.Next(3) == 0;
        var number = Random.Next(foreign ? Foreign : Sandboxes);
        var box = foreign ? ForeignPath(number) : $"s{number}";
        return Random.Next(28) switch
        {
            <= 4 => TellAsync(stage.Api.CreateAsync(NewNetwork(network)), mayBeCut),
            <= 8 => foreign ? AddForeignAsync(number) : TellAsync(stage.Api.CreateSandboxAsync(box), mayBeCut),
            <= 17 => TellAsync(stage.Api.ConnectAsync(network, new ConnectRequest { Sandbox = box, Publish = NewPorts(), Options = Quiet }), mayBeCut),
            18 or 19 => TellAsync(stage.Api.UpdateAsync(network, NewChange()), mayBeCut),
            20 or 21 => TellAsync(stage.Api.UpdatePortsAsync(network, box, NewPorts(), [.. NewPorts().Select(static p => HostSide(p))]), mayBeCut),
            22 or 23 => TellAsync(stage.Api.DisconnectAsync(network, box), mayBeCut),
            24 => foreign ? RemoveForeignAsync(number) : TellAsync(stage.Api.RemoveSandboxAsync(box, isForced: true), mayBeCut),
            25 => TellAsync(stage.Api.RemoveAsync(network, isForced: true), mayBeCut),
            _ => TellAsync(stage.Api.UpdatePortsAsync(network, box, NewPorts()), mayBeCut),
        };
    }

    /// <summary>Every network and every sandbox, so that the history begins with something to connect.</summary>
    public async Task BeginAsync()
    {
        foreach (var i in Enumerable.Range(0, Networks))
        {
            await TellAsync(stage.Api.CreateAsync(NewNetwork(string.Create(CultureInfo.InvariantCulture, $"n{i}"))), mayBeCut: false);
        }

        foreach (var i in Enumerable.Range(0, Sandboxes))
        {
            await TellAsync(stage.Api.CreateSandboxAsync(string.Create(CultureInfo.InvariantCulture, $"s{i}")), mayBeCut: false);
        }
    }

    /// <summary>Something of everything, and all of it taken away again: a daemon opens some of its files when it first needs them.</summary>
    public async Task OnceAsync()
    {
        _ = await stage.NetworkAsync(new CreateNetworkRequest { Name = "n0" });
        _ = await stage.ContainerAsync("n0", "s0", new ConnectRequest { Publish = ["80/udp", "[::1]:8000:80", "[::]:8001:80/udp"], Options = Quiet });
        _ = (await stage.Api.UpdatePortsAsync("n0", "s0", ["8002:80/udp"], ["[::]:8001/udp"])).Change();
        await AddForeignAsync(0);
        _ = await stage.ConnectAsync("n0", ForeignPath(0), new ConnectRequest { Options = Quiet });
        await ClearAsync();
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(20), async () => (await stage.Api.SandboxesAsync()).Length == 0, () => Task.FromResult("a sandbox stays"));
    }

    /// <summary>A large range on an endpoint of its own; the daemon may then die, and <see cref="RemoveLargeAsync"/> ends it.</summary>
    public async Task AddLargeAsync()
    {
        _ = await stage.NetworkAsync(new CreateNetworkRequest { Name = "large" });
        _ = await stage.ContainerAsync("large", "large-a", new ConnectRequest { Publish = [$"{LargeFirst}-{LargeLast}:{LargeFirst}-{LargeLast}"], Options = Quiet });
    }

    /// <summary>Takes it away.</summary>
    public async Task RemoveLargeAsync()
    {
        _ = await stage.Api.RemoveSandboxAsync("large-a", isForced: true);
        _ = await stage.Api.RemoveAsync("large", isForced: true);
    }

    /// <summary>Takes everything away that may be there.</summary>
    public async Task ClearAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, Foreign).Select(RemoveForeignAsync));
        await Task.WhenAll(Enumerable.Range(0, Sandboxes).Select(i => stage.Api.RemoveSandboxAsync($"s{i}", isForced: true)));
        await Task.WhenAll(Enumerable.Range(0, Networks).Select(i => stage.Api.RemoveAsync($"n{i}", isForced: true)));
    }

    private static ImmutableSortedDictionary<string, string> Quiet { get; } = Options.Of(("com.docker.network.advertise_addr_nmsgs", "0"));

    private string ForeignPath(int number) => string.Create(CultureInfo.InvariantCulture, $"/run/netns/{stage.Tag}-f{number}");

    private async Task AddForeignAsync(int number)
    {
        await _foreign.WaitAsync(Eventually.Cancel);
        try
        {
            if (!File.Exists(ForeignPath(number)))
            {
                _ = await stage.NamespaceAsync(string.Create(CultureInfo.InvariantCulture, $"f{number}"));
            }
        }
        finally
        {
            _ = _foreign.Release();
        }
    }

    private async Task RemoveForeignAsync(int number)
    {
        await _foreign.WaitAsync(Eventually.Cancel);
        try
        {
            _ = await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(ForeignPath(number))); // if it is there
        }
        finally
        {
            _ = _foreign.Release();
        }
    }

    private CreateNetworkRequest NewNetwork(string name)
    {
        var options = Random.Next(6) switch
        {
            0 => Options.Of(("gateway-mode-ipv4", "routed")),
            1 => Options.Of(("gateway-mode-ipv4", "nat-unprotected"), ("icc", "false")),
            2 => Options.Of(("gateway-mode-ipv6", "routed"), ("mtu", "1400")),
            3 => Options.Of(("trusted-host-interfaces", "lo")),
            _ => Options.Of(),
        };
        var request = new CreateNetworkRequest { Name = name, Options = options, Internal = Random.Next(8) == 0 };
        return Random.Next(4) switch
        {
            0 => request with { Ipv4 = false, Ipv6 = true },
            1 => request with { Ipv6 = true },
            2 => request with { Subnets = [string.Create(CultureInfo.InvariantCulture, $"10.{220 + Random.Next(3)}.0.0/24")] },
            _ => request,
        };
    }

    private UpdateNetworkRequest NewChange() => Random.Next(7) switch
    {
        0 or 1 => new UpdateNetworkRequest { Undo = true },
        2 => new UpdateNetworkRequest { Ipv6 = Random.Next(2) == 0 },
        3 => new UpdateNetworkRequest { Ipv4 = Random.Next(2) == 0, Ipv6 = true },
        4 => new UpdateNetworkRequest { Options = Options.Of(("icc", Random.Next(2) == 0 ? "true" : "false")) },
        5 => new UpdateNetworkRequest { Options = Options.Of(("mtu", Random.Next(2) == 0 ? "1400" : "1500")) },
        _ => new UpdateNetworkRequest { Options = Options.Of(("gateway-mode-ipv4", Random.Next(2) == 0 ? "nat" : "routed")) },
    };

    private ImmutableArray<string> NewPorts() => [.. Enumerable.Range(0, 1 + Random.Next(2)).Select(_ => NewPort())];

    private string NewPort()
    {
        var host = 8000 + Random.Next(60);
        var protocol = Random.Next(3) == 0 ? "udp" : "tcp";
        FormattableString text = Random.Next(10) switch
        {
            0 => $"{80 + Random.Next(3)}/{protocol}",
            1 => $"{host}-{host + 4}:{host}-{host + 4}/{protocol}",
            2 => $"{host}-{host + 4}:80/{protocol}",
            3 => $"127.0.0.1:{host}:80/{protocol}",
            4 => $"[::1]:{host}:80/{protocol}",
            5 => $"[::]:{host}:81/{protocol}", // by the forwarder, on a network without IPv6
            6 => $"{host}-{host + 2}:90-92/{protocol}",
            7 => $"{LargeFirst}-{LargeLast}:{LargeFirst}-{LargeLast}/tcp", // twice in a request is refused
            _ => $"{host}:80/{protocol}",
        };
        return FormattableString.Invariant(text);
    }

    // What --unpublish would say of a port that was asked for so.
    private static string HostSide(string port)
    {
        var protocol = port[port.LastIndexOf('/')..];
        var body = port[..port.LastIndexOf('/')];
        var colon = body.LastIndexOf(':');
        return (colon < 0 ? body : body[..colon]) + protocol;
    }

    private async Task TellAsync(Task<Answer> sent, bool mayBeCut)
    {
        try
        {
            var answer = await sent;
            Assert.True(answer.Status is 200 or 201 or 202 or 400 or 404 or 409, $"seed {seed}: {answer}");
            lock (_answers)
            {
                _answers.Add(answer);
            }
        }
        catch (HttpRequestException) when (mayBeCut)
        {
            lock (_answers)
            {
                Cut++;
            }
        }
    }
}
