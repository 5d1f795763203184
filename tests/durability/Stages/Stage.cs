using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Networking.Daemon.Tests.Staging;

namespace Networking.Durability.Tests;

/// <summary>
/// A host for one netd: a network namespace, a state and a run directory, and what a test adds. Everything of it bears
/// the stage's name, and all of it is gone afterwards, however the test ends.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>An interface of the host for networks to stand on.</summary>
    public const string Parent = "parent0";

    /// <summary>A bridge of the host's that a network may adopt.</summary>
    public const string Bridge = "adopt0";

    // The parent's other end is called as interfaces in sandboxes are: those are then made under another name first.
    private const string Other = "eth0";

    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(60);

    private readonly List<string> _given = [];
    private Api? _api;

    private Stage(string name)
    {
        Name = name;
        Directory = $"/tmp/{name}";
    }

    public string Name { get; }

    public string Directory { get; }

    public string HostPath => $"/run/netns/{Name}";

    public string NamespaceDirectory => $"{Directory}/run/netns";

    public DaemonProcess? Daemon { get; private set; }

    /// <summary>The programs that it changes iptables with; null if the host's firewall is nf_tables.</summary>
    public IptablesPrograms? Iptables { get; private set; }

    /// <summary>What is due in iptables; null where it is not asked.</summary>
    public IptablesReference? Rules { get; set; }

    public Api Api => _api ?? throw new InvalidOperationException("the daemon is not started");

    /// <summary>Every network namespace of the stage that is there now, the host's first.</summary>
    public IEnumerable<string> NamespacePaths =>
    [
        HostPath,
        .. _given,
        .. KeptPaths,
    ];

    /// <summary>The files of the daemon's own namespaces.</summary>
    public string[] KeptPaths => System.IO.Directory.Exists(NamespaceDirectory) ? [.. System.IO.Directory.EnumerateFiles(NamespaceDirectory).Order(StringComparer.Ordinal)] : [];

    public static string Repository { get; } = FindRepository();

    /// <summary>Skips the test where it cannot run.</summary>
    public static void RequireRoot()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("needs root");
        }
    }

    public static Stage Create()
    {
        RequireRoot();
        var stage = new Stage($"netd-d-{RandomNumberGenerator.GetHexString(4, lowercase: true)}");
        _ = System.IO.Directory.CreateDirectory($"{stage.Directory}/run");
        _ = Tool.Run("ip", "netns", "add", stage.Name);
        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", "lo", "up");

        // A cable whose other end lies beside it: a parent for macvlan networks.
        _ = Tool.Run("ip", "-n", stage.Name, "link", "add", Parent, "type", "veth", "peer", "name", Other);
        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", Other, "up");
        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", Parent, "up");

        // A bridge to be adopted. Its address is fixed, as otherwise it is that of its lowest port.
        _ = Tool.Run("ip", "-n", stage.Name, "link", "add", Bridge, "address", "02:00:00:00:00:ab", "type", "bridge");
        _ = Tool.Run("ip", "-n", stage.Name, "link", "set", Bridge, "up");
        IptablesPrograms.PutRulesOfOthers(stage.HostPath);
        return stage;
    }

    /// <summary>A namespace of somebody else's, for the daemon to be pointed at.</summary>
    public string AddNamespace(string name)
    {
        var path = $"{HostPath}-{name}";
        _ = Tool.Run("ip", "netns", "add", $"{Name}-{name}");
        _given.Add(path);
        return path;
    }

    /// <summary>Takes such a namespace away again.</summary>
    public void RemoveNamespace(string path)
    {
        _ = _given.Remove(path);
        _ = Tool.Run("ip", "netns", "del", Path.GetFileName(path));
    }

    /// <summary>Starts the daemon and waits until it answers.</summary>
    /// <param name="killAt">Number of the kill point to die at; 0 to list them; null for an ordinary start.</param>
    /// <param name="wrapper">A command to run it under, such as a tracer.</param>
    public async Task StartAsync(int? killAt = null, params string[] wrapper)
    {
        Launch(killAt, wrapper);
        var deadline = DateTime.UtcNow + s_startPatience;
        while (!await AnswersAsync())
        {
            if (Daemon!.HasEnded || DateTime.UtcNow > deadline)
            {
                throw new InvalidOperationException($"the daemon {(Daemon.HasEnded ? "ended at its start" : "does not answer")}:\n{Daemon.LastWords}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Starts the daemon without waiting for it.</summary>
    public void Launch(int? killAt, params string[] wrapper)
    {
        Daemon?.Dispose();
        _api?.Dispose();
        Iptables = HostBackend.IsIptables ? IptablesPrograms.In(Directory) : null;
        var environment = new Dictionary<string, string> { ["DOTNET_EnableDiagnostics"] = "0", ["PATH"] = HostBackend.PathIn(Directory) };
        if (killAt is { } at)
        {
            environment["NETD_KILL_AT"] = at.ToString(CultureInfo.InvariantCulture);
        }

        File.Delete($"{Directory}/run/netd.sock");
        Daemon = new DaemonProcess(
            [
                "nsenter", $"--net={HostPath}", .. wrapper, Program,
                "--config", "/dev/null", "--state-dir", $"{Directory}/state", "--run-dir", $"{Directory}/run", .. HostBackend.Flags,
            ],
            environment);
        _api = new Api($"{Directory}/run/netd.sock");
    }

    /// <summary>True once the daemon serves requests.</summary>
    public async Task<bool> AnswersAsync()
    {
        if (!File.Exists($"{Directory}/run/netd.sock"))
        {
            return false;
        }

        try
        {
            _ = await Api.VersionAsync();
            return true;
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>Ends the daemon and forgets what it kept, so that the next one starts anew on the same host.</summary>
    public async Task ForgetAsync()
    {
        if (Daemon is { HasEnded: false } daemon)
        {
            await daemon.KillAsync();
        }

        RemoveDirectories();
        _ = System.IO.Directory.CreateDirectory($"{Directory}/run");
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        Daemon?.Dispose();
        RemoveDirectories();
        foreach (var path in _given.Append(HostPath))
        {
            _ = Tool.Try("ip", "netns", "del", Path.GetFileName(path));
        }

        await Task.CompletedTask;
    }

    // A mounted namespace can be neither deleted nor walked into: first unmount, then delete.
    private void RemoveDirectories()
    {
        foreach (var mount in MountsBelow(Directory).Reverse())
        {
            _ = Tool.Try("umount", "-l", mount);
        }

        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    /// <summary>Mount points below a directory.</summary>
    public static string[] MountsBelow(string directory) =>
        [.. File.ReadLines("/proc/self/mountinfo").Select(static l => l.Split(' ')[4]).Where(m => m.StartsWith(directory + "/", StringComparison.Ordinal))];

    /// <summary>The daemon that is started next: as built beside this project, or as the environment says.</summary>
    public string Program { get; set; } =
        Environment.GetEnvironmentVariable("NETD_BIN") is { Length: > 0 } given ? given : $"{Repository}/artifacts/bin/Networking.Netd/debug/netd";

    private static string FindRepository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Networking.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("not below the repository");
    }
}
