using System.Diagnostics;

namespace Networking.Bench;

/// <summary>Debian's Docker Engine with its own data, sockets and network namespace, and one container.</summary>
internal sealed class DockerEngine : IAttachPeer
{
    private const string Client = "/usr/bin/docker"; // by path: another client may come first in PATH

    private static int s_count;

    private readonly Process _daemon;
    private readonly HostNamespace _host = new("dockerhost");
    private readonly string _socket;
    private readonly ApiClient _api;

    /// <summary>Starts the engine; <see cref="StartContainer"/> gives it something to connect.</summary>
    public DockerEngine(Stage stage)
    {
        Packages.Require("/usr/sbin/dockerd", "/usr/bin/containerd", "/usr/sbin/runc", Client);
        var place = Directory.CreateDirectory(Path.Combine(stage.Place, $"docker{Interlocked.Increment(ref s_count)}")).FullName;
        _socket = Path.Combine(place, "docker.sock");
        _api = new ApiClient(_socket);
        var log = Path.Combine(place, "log");
        _daemon = Command.Stay(
            [
                .. _host.Prefix, "/usr/sbin/dockerd", "--data-root", Path.Combine(place, "data"), "--exec-root", "/run/docker", "--pidfile", "/run/docker.pid",
                "--bridge", "none", "--cgroup-parent", "/" + Isolation.ControlGroup(stage.Place), "-H", "unix://" + _socket,
            ],
            log);
        try
        {
            Wait.Until(() => _daemon.HasExited || _api.Answers("/version"), TimeSpan.FromSeconds(30), "dockerd answers", stage.Stop);
            if (_daemon.HasExited)
            {
                throw new CommandException($"dockerd ended at its start: {File.ReadLines(log).LastOrDefault()}");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PeerIdentity Identity => new(
        "Docker Engine", Command.PackageVersion("docker.io"), "POST /networks/N/connect and /disconnect (docker network connect) over the unix socket");

    /// <summary>Resident memory of dockerd alone, in MB.</summary>
    public double ResidentMegabytes => Resident.Megabytes(_daemon.Id);

    /// <summary>Its process.</summary>
    public int ProcessId => _daemon.Id;

    /// <summary>Makes a container that runs, publishes two ports wherever it is connected, and is not connected yet.</summary>
    public void StartContainer(Stage stage)
    {
        MakeImage(stage);
        _ = Docker(["run", "-d", "--name", "bench", "--network", "bench", .. TwoPorts.Usual.Short.SelectMany(static p => new[] { "-p", p }), "bench:1", "/bin/busybox", "sleep", "100000"]);
        Detach();
        Attach();
        if (_host.Run("ss", "-Hltn", $"sport = :{TwoPorts.Usual.Tcp}").Length == 0)
        {
            throw new CommandException("Docker Engine connected a container without publishing its ports: " + Docker("inspect", "-f", "{{json .State}}", "bench").Trim());
        }

        Detach();
    }

    /// <summary>Runs a container with further names on the network.</summary>
    /// <returns>Its process, by which its namespace is found.</returns>
    public int RunNamed(Stage stage, string name, IEnumerable<string> aliases)
    {
        MakeImage(stage);
        _ = Docker(["run", "-d", "--name", name, "--network", "bench", .. aliases.SelectMany(static a => new[] { "--network-alias", a }), "bench:1", "/bin/busybox", "sleep", "100000"]);
        return int.Parse(Docker("inspect", "-f", "{{.State.Pid}}", name).Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private void MakeImage(Stage stage)
    {
        Packages.Require("/bin/busybox");
        var root = Path.Combine(stage.Place, "rootfs");
        foreach (var file in LibrariesOf("/bin/busybox").Prepend("/bin/busybox"))
        {
            _ = Directory.CreateDirectory(root + Path.GetDirectoryName(file));
            File.Copy(file, root + file, overwrite: true);
        }

        var image = Path.Combine(stage.Place, "rootfs.tar");
        _ = Command.Run("tar", ["-C", root, "-cf", image, "."]);
        _ = Docker("import", image, "bench:1");
        _ = Docker("network", "create", "bench");
    }

    /// <summary>Runs a container with so many published ports; none for 0.</summary>
    public void RunPublishing(string name, int hostPort, int targetPort, int count) => _ = Docker(
    [
        "run", "-d", "--name", name, "--network", "bench",
        .. count == 0 ? [] : new[] { "-p", $"0.0.0.0:{hostPort}-{hostPort + count - 1}:{targetPort}-{targetPort + count - 1}" },
        "bench:1", "/bin/busybox", "sleep", "100000",
    ]);

    public void Attach() => _ = _api.Send("POST", "/networks/bench/connect", """{"Container":"bench"}""");

    public void Detach() => _ = _api.Send("POST", "/networks/bench/disconnect", """{"Container":"bench"}""");

    public void Dispose()
    {
        try
        {
            _ = Docker("rm", "-f", "bench", "ported", "plain", "asked");
        }
        catch (CommandException)
        {
            // No container was started, or the engine is gone: its processes end with the namespaces.
        }

        _api.Dispose();
        Command.End(_daemon, TimeSpan.FromSeconds(20));
        _host.Dispose();
    }

    // None if it is linked statically, as one of Debian's two packages is.
    private static IEnumerable<string> LibrariesOf(string program)
    {
        try
        {
            return [.. Command.Run("ldd", [program]).Split([' ', '\t', '\n']).Where(static w => w.StartsWith('/') && File.Exists(w))];
        }
        catch (CommandException)
        {
            return []; // "not a dynamic executable"
        }
    }

    private string Docker(params string[] arguments) => Command.Run(Client, ["-H", "unix://" + _socket, .. arguments]);
}
