using Networking.Model.Api;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Networks and sandboxes, in the few words that tests need.</summary>
internal sealed partial class Stage
{
    /// <summary>A network that is done; its document.</summary>
    public async Task<NetworkDocument> NetworkAsync(CreateNetworkRequest request)
    {
        _ = (await Api.CreateAsync(request)).Change();
        return await Api.NetworkAsync(request.Name);
    }

    /// <summary>A network with the subnets given.</summary>
    public Task<NetworkDocument> NetworkAsync(string name, params string[] subnets) =>
        NetworkAsync(new CreateNetworkRequest { Name = name, Subnets = [.. subnets] });

    /// <summary>A sandbox kept by the daemon.</summary>
    public async Task<Place> SandboxAsync(string name)
    {
        _ = (await Api.CreateSandboxAsync(name)).Change();
        var document = (await Api.GetAsync($"/v1/sandboxes/{name}")).As(ApiJson.Default.SandboxDocument);
        return new Place(name, document.Path) { Surroundings = SightAsync };
    }

    /// <summary>Connects, and asserts that it is done.</summary>
    public async Task<EndpointDocument> ConnectAsync(string network, string sandbox, ConnectRequest? request = null) =>
        (await Api.ConnectAsync(network, (request ?? new ConnectRequest()) with { Sandbox = sandbox })).Change().Endpoint
        ?? throw new InvalidDataException("no endpoint in the answer");

    /// <summary>A new sandbox on a network.</summary>
    public async Task<(Place Place, EndpointDocument Endpoint)> ContainerAsync(string network, string name, ConnectRequest? request = null)
    {
        var place = await SandboxAsync(name);
        return (place, await ConnectAsync(network, name, request));
    }

    /// <summary>Asserts that the daemon finds nothing different in the kernel.</summary>
    public async Task AssertNothingDiffersAsync()
    {
        var steps = (await Api.DiffAsync()).Steps;
        Assert.True(steps.IsEmpty, string.Join('\n', steps.Select(static s => s.Text)));
        if ((await Api.GetAsync("/v1/info")).As(ApiJson.Default.InfoDocument).Firewall.StartsWith("iptables:", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("table inet netd", (await Host.RunAsync("nft", "list", "tables")).Succeeded().Split('\n'));
        }
    }

    /// <summary>A program of iptables on the host, of the variant that the daemon uses.</summary>
    public Task<Output> IptablesAsync(string program, params string[] arguments) =>
        Host.RunAsync("env", [$"PATH={SearchPath}", program, .. arguments]);

    /// <summary>Our rules in iptables, both families, without counters and in the order in which they stand.</summary>
    public async Task<string> IptablesRulesAsync()
    {
        var text = (await IptablesAsync("sh", "-c", "iptables-save; ip6tables-save")).Succeeded();
        return string.Join('\n', text.Split('\n').Where(static l => l.Contains("NETD-", StringComparison.Ordinal)));
    }

    /// <summary>Somebody flushes the host's firewall, in both families.</summary>
    public async Task FlushAsync()
    {
        const string empty = "printf '*filter\\nCOMMIT\\n*nat\\nCOMMIT\\n'";
        _ = (HostBackend.IsIptables
            ? await IptablesAsync("sh", "-ec", $"{empty} | iptables-restore; {empty} | ip6tables-restore")
            : await Host.RunAsync("nft", "flush", "ruleset")).Succeeded();
    }

    /// <summary>
    /// Every rule and chain in iptables, anybody's, without counters. The tables that iptables-nft makes for itself are not
    /// ours to take away, so what is in them whenever they are there is left out.
    /// </summary>
    public async Task<string[]> IptablesLinesAsync()
    {
        var text = (await IptablesAsync("sh", "-c", "iptables-save | sed 's/^/ip /'; ip6tables-save | sed 's/^/ip6 /'")).Succeeded();
        return [.. text.Split('\n').Select(static l => l.Split(' ')).Where(static w => w is [_, "-A", ..] or [_, [':', ..], "-", _]).Select(static w => string.Join(' ', w[1][0] == ':' ? w[..2] : w))];
    }

    // The host as its tools see it, and the last events, for the message of a failed test.
    private async Task<string> SightAsync()
    {
        var events = (await Api.EventsAsync()).TakeLast(30).Select(static e => $"{e.Time:mm:ss.fff} {e.Type} {e.Name} {e.Message}");
        return $"host:\n{await Host.SightAsync()}\nevents:\n{string.Join('\n', events)}";
    }
}
