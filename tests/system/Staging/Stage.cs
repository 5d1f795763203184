using System.Globalization;

namespace Networking.Daemon.Tests.Staging;

/// <summary>
/// A host of its own for one daemon: a network namespace with the real netd in it, a world beyond an uplink, sandboxes.
/// Everything has unique names and is taken away at the end, also of a test that failed.
/// </summary>
/// <remarks>
/// <code>
///   world netd-s-XXXX-world   198.51.100.1/24   2001:db8:51::1/64
///     │ uplink (veth)
///   host netd-s-XXXX-host     198.51.100.2/24   2001:db8:51::2/64   default routes to the world; netd
///     │ bridges of netd
///   sandboxes
/// </code>
/// </remarks>
internal sealed partial class Stage : IAsyncDisposable
{
    public const string WorldAddress4 = "198.51.100.1";
    public const string WorldAddress6 = "2001:db8:51::1";
    public const string HostAddress4 = "198.51.100.2";
    public const string HostAddress6 = "2001:db8:51::2";

    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(30);
    private static int s_count;

    private readonly List<string> _namespaces = [];
    private readonly List<IDisposable> _ended = [];
    private DaemonProcess? _daemon;

    private Stage()
    {
        Tag = string.Create(
            CultureInfo.InvariantCulture, $"netd-s-{Environment.ProcessId:x}{Interlocked.Increment(ref s_count):x2}");
        Folder = $"/tmp/{Tag}";
        _ = Directory.CreateDirectory(Folder);
        SearchPath = HostBackend.PathIn(Folder);
        Host = new Place("host", $"/run/netns/{Tag}-host") { Surroundings = SightAsync };
        World = new Place("world", $"/run/netns/{Tag}-world") { Surroundings = SightAsync };
        Api = new DaemonClient(SocketPath);
        _ended.Add(Api);
    }

    public string Tag { get; }

    /// <summary>Everything the stage writes.</summary>
    public string Folder { get; }

    public string StateFolder => $"{Folder}/state";

    public string RunFolder => $"{Folder}/run";

    public string SocketPath => $"{RunFolder}/netd.sock";

    public string ConfigFile { get; set; } = "/dev/null";

    /// <summary>What the shell does before it becomes the daemon that is started next.</summary>
    public string Prelude { get; set; } = string.Empty;

    /// <summary>The daemon that is started next.</summary>
    public string Netd { get; set; } = Binaries.Netd;

    /// <summary>The command line that speaks to it.</summary>
    public string Netctl { get; set; } = Binaries.Netctl;

    /// <summary>What it is started with besides.</summary>
    public IReadOnlyList<string> Flags { get; set; } = HostBackend.Flags;

    /// <summary>Where it looks for programs.</summary>
    public string SearchPath { get; set; }

    public Place Host { get; }

    public Place World { get; }

    public DaemonClient Api { get; }

    public DaemonProcess Daemon => _daemon ?? throw new InvalidOperationException("netd was not started");

    /// <summary>Sets a stage and starts the daemon on it.</summary>
    /// <param name="hasWorld">Whether there is anything beyond the host.</param>
    /// <param name="before">What is done before the daemon starts; then the daemon is started by hand if it returns false.</param>
    public static async Task<Stage> OpenAsync(bool hasWorld = true, Func<Stage, Task<bool>>? before = null)
    {
        Assert.SkipUnless(string.Equals(Environment.UserName, "root", StringComparison.Ordinal), "needs root");
        var stage = new Stage();
        try
        {
            await stage.SetAsync(hasWorld);
            if (hasWorld && HostKind.Given is { } kind)
            {
                await kind.PrepareAsync(stage);
            }

            if (before is null || await before(stage))
            {
                await stage.StartAsync();
            }

            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the daemon and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var daemon = Launch();
        _ = await Eventually.TrueAsync(
            s_start,
            async () =>
            {
                Assert.False(daemon.HasEnded, $"netd ended at its start: {daemon.LastWords()}");
                return File.Exists(SocketPath) && await AnswersAsync();
            },
            () => Task.FromResult(daemon.LastWords()));
    }

    /// <summary>Starts the daemon without waiting: it may be expected to refuse.</summary>
    public DaemonProcess Launch(string? runFolder = null, string? stateFolder = null)
    {
        var daemon = DaemonProcess.Start(Netd, Host.Path, $"{Folder}/netd.log", ConfigFile, stateFolder ?? StateFolder, runFolder ?? RunFolder, SearchPath, Prelude, [.. Flags]);
        _ended.Add(daemon);
        if (runFolder is null)
        {
            _daemon = daemon;
        }

        return daemon;
    }

    /// <summary>kill -9, and a new start.</summary>
    public async Task RestartAsync(bool isKilled)
    {
        if (isKilled)
        {
            await Daemon.KillAsync();
        }
        else
        {
            Assert.Equal(0, await Daemon.StopAsync());
        }

        await StartAsync();
    }

    /// <summary>netctl as a user would call it.</summary>
    public Task<Output> NetctlAsync(params string[] arguments) => Tool.RunAsync(Netctl, ["--host", SocketPath, .. arguments]);

    /// <summary>A namespace of somebody else's, as <c>ip netns add</c> makes it.</summary>
    public async Task<Place> NamespaceAsync(string name)
    {
        var full = $"{Tag}-{name}";
        _namespaces.Add(full);
        _ = (await Tool.RunAsync("ip", "netns", "add", full)).Succeeded();
        var place = new Place(name, $"/run/netns/{full}") { Surroundings = SightAsync };
        await place.IpAsync("link set lo up");
        return place;
    }

    /// <summary>Something to end with the stage, such as a process or a socket.</summary>
    public T Keep<T>(T thing)
        where T : IDisposable
    {
        _ended.Add(thing);
        return thing;
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is { HasEnded: false })
        {
            _ = await Task.WhenAny(_daemon.StopAsync()); // if it must be killed for it, the next line sees to the rest
        }

        foreach (var thing in Enumerable.Reverse(_ended))
        {
            thing.Dispose();
        }

        await StrikeAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return (await Api.GetAsync("/v1/version")).IsDone;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task SetAsync(bool hasWorld)
    {
        _ = await NamespaceAsync("host");
        if (!hasWorld)
        {
            return;
        }

        _ = await NamespaceAsync("world");
        await Host.IpAsync($"link add uplink type veth peer name uplink netns {Tag}-world");
        foreach (var (place, v4, v6) in new[] { (Host, HostAddress4, HostAddress6), (World, WorldAddress4, WorldAddress6) })
        {
            // A new namespace takes forwarding over from the machine; here nothing forwards until somebody turns it on.
            place.SetSysctl("net/ipv4/ip_forward", "0");
            place.SetSysctl("net/ipv6/conf/uplink/accept_dad", "0"); // or it changes by itself while a test compares
            await place.IpAsync($"addr add {v4}/24 dev uplink");
            await place.IpAsync($"addr add {v6}/64 dev uplink nodad");
            await place.IpAsync("link set uplink up");
        }

        await Host.IpAsync($"route add default via {WorldAddress4}");
        await Host.IpAsync($"route add default via {WorldAddress6}");
    }

    private async Task StrikeAsync()
    {
        var netns = $"{RunFolder}/netns";
        var files = Directory.Exists(netns) ? Directory.GetFiles(netns) : [];
        foreach (var path in files.Append(netns).Where(Path.Exists))
        {
            _ = await Tool.RunAsync("umount", "-q", "-l", path); // those that are no mounts refuse
        }

        foreach (var name in Enumerable.Reverse(_namespaces))
        {
            _ = await Tool.RunAsync("ip", "netns", "del", name); // a test may have deleted it
        }

        Directory.Delete(Folder, recursive: true);
    }
}
