using System.Diagnostics;
using System.Globalization;

namespace Networking.Bench;

/// <summary>
/// Starts this program again as the first process of process, mount and network namespaces of its own. When it ends,
/// however it ends, the kernel takes back every process, mount and namespace made there; what is left is one folder.
/// </summary>
/// <remarks>
/// <code>
/// outside: packages, folder ─► setpriv ─► unshare ─► inside: ip netns, netd, dockerd …
///          folder and control groups away ◄── end ──────┘
/// </code>
/// </remarks>
internal static class Isolation
{
    private const string PlaceVariable = "NETD_BENCH_PLACE";
    private const string FolderVariable = "NETD_BENCH_FOLDER"; // bench.sh, which takes it away if we cannot

    // /sys shows the new network namespace, with the control groups put back where container engines look for them.
    // Docker keeps some files where no option reaches: those folders get a throw-away one on top.
    private const string Setup =
        """
        set -e
        place=$1; shift
        mkdir -p "$place/cgroup" "$place/etc-docker" "$place/var-lib-docker"
        mount --rbind /sys/fs/cgroup "$place/cgroup"
        umount -l /sys
        mount -t sysfs sysfs /sys
        mount --rbind "$place/cgroup" /sys/fs/cgroup
        mount -t tmpfs tmpfs /run
        mkdir -p /run/netns /run/lock
        for folder in /etc/docker /var/lib/docker; do
            if [ -d "$folder" ]; then mount --bind "$place/$(echo "${folder#/}" | tr / -)" "$folder"; fi
        done
        ip link set lo up
        exec "$@"
        """;

    /// <summary>The folder of this run if we are inside; null outside.</summary>
    public static string? Place => Environment.GetEnvironmentVariable(PlaceVariable);

    /// <summary>Prepares, runs this program inside, and cleans up.</summary>
    public static int Run(string root, IReadOnlyList<string> arguments, BenchOptions options, CancellationToken stop)
    {
        Packages.Install(root, options);
        var durable = Environment.GetEnvironmentVariable(FolderVariable) ?? NewFolder();
        try
        {
            var start = new ProcessStartInfo("setpriv")
            {
                UseShellExecute = false,
                Environment = { [PlaceVariable] = durable },
            };
            string[] words =
            [
                "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
                "bash", "-c", Setup, "bash", durable, Environment.ProcessPath!, .. arguments, // a program has a path
            ];
            foreach (var word in words)
            {
                start.ArgumentList.Add(word);
            }

            using var inside = Process.Start(start)!; // not started through a shell, so there is a process
            using var forward = stop.Register(() => Forward(inside));
            inside.WaitForExit();
            return stop.IsCancellationRequested ? 130 : inside.ExitCode;
        }
        finally
        {
            RemoveControlGroups(ControlGroup(durable));
            Command.Try("rm", "-rf", "--one-file-system", durable);
        }
    }

    /// <summary>Name of the control group that containers of a run are put into.</summary>
    public static string ControlGroup(string place) => Path.GetFileName(place);

    // /tmp may be memory, and what is committed shall go to a disk.
    private static string NewFolder()
    {
        var unique = Directory.CreateTempSubdirectory("netd-bench-").FullName;
        Directory.Delete(unique);
        return Directory.CreateDirectory("/var/tmp/" + Path.GetFileName(unique)).FullName;
    }

    // Those inside end by themselves first; a second later the kernel ends them.
    private static void Forward(Process inside)
    {
        if (inside.HasExited)
        {
            return;
        }

        var children = Command.Run("ps", ["-o", "pid=", "--ppid", inside.Id.ToString(CultureInfo.InvariantCulture)]);
        foreach (var child in children.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            Command.Try("kill", "-TERM", child);
        }

        if (!inside.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            inside.Kill(entireProcessTree: true);
        }
    }

    private static void RemoveControlGroups(string name)
    {
        foreach (var controller in Directory.EnumerateDirectories("/sys/fs/cgroup"))
        {
            var group = Path.Combine(controller, name);
            if (Directory.Exists(group))
            {
                Command.Try("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+");
            }
        }
    }
}
