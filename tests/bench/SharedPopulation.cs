using System.Globalization;

namespace Networking.Bench;

/// <summary>A daemon with many endpoints, each in a sandbox of its own; made when first asked for, shared by benchmarks.</summary>
internal sealed class SharedPopulation(Stage stage) : IDisposable
{
    private const int Publishing = 500; // of the endpoints, each two ports
    private const int PerNetworkMax = 1000; // a bridge has 1,023 ports

    private Daemon? _daemon;
    private int _count;

    public Daemon Daemon => _daemon ??= new Daemon(stage);

    public int Count => _count;

    /// <summary>How many networks hold the whole population: at least five.</summary>
    public int Networks => Math.Max(5, (stage.Options.Endpoints + PerNetworkMax - 1) / PerNetworkMax);

    public static string NetworkName(int number) => string.Create(CultureInfo.InvariantCulture, $"net{number}");

    /// <summary>Makes endpoints until there are so many.</summary>
    public void GrowTo(int count)
    {
        if (_count == 0)
        {
            for (var i = 0; i < Networks; i++)
            {
                Daemon.CreateNetwork(NetworkName(i), string.Create(CultureInfo.InvariantCulture, $"10.{100 + i}.0.0/16"));
            }
        }

        for (; _count < count; _count++)
        {
            stage.Stop.ThrowIfCancellationRequested();
            var name = string.Create(CultureInfo.InvariantCulture, $"box{_count}");
            _ = Daemon.Api.Send("POST", "/v1/sandboxes", $$"""{"name":"{{name}}"}""");
            _ = Daemon.Connect(NetworkName(_count % Networks), name, _count < Publishing ? TwoPorts.Numbered(_count).Short : []);
            if (_count % 500 == 499)
            {
                stage.Report.Note($"bench: {_count + 1} endpoints");
            }
        }
    }

    public void Dispose() => _daemon?.Dispose();
}
