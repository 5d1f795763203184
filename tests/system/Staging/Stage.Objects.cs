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
    }

    // The host as its tools see it, and the last events, for the message of a failed test.
    private async Task<string> SightAsync()
    {
        var events = (await Api.EventsAsync()).TakeLast(30).Select(static e => $"{e.Time:mm:ss.fff} {e.Type} {e.Name} {e.Message}");
        return $"host:\n{await Host.SightAsync()}\nevents:\n{string.Join('\n', events)}";
    }
}
