using System.Collections.Immutable;

namespace Networking.Bench;

/// <summary>The peers, as Debian packages them. What cannot be installed is skipped later, with the reason.</summary>
internal static class Packages
{
    private static readonly ImmutableArray<(string Package, string File, string Benchmark)> s_needed =
    [
        ("iproute2", "/sbin/ip", "attach scale bridge memory"),
        ("containernetworking-plugins", "/usr/lib/cni/bridge", "attach"),
        ("iptables", "/usr/sbin/iptables", "attach"),
        ("netavark", "/usr/lib/podman/netavark", "attach"),
        ("docker.io", "/usr/sbin/dockerd", "attach publish dns memory"),
        ("containerd", "/usr/bin/containerd", "attach publish dns memory"),
        ("runc", "/usr/sbin/runc", "attach publish dns memory"),
        ("busybox-static", "/bin/busybox", "attach publish dns"),
        ("aardvark-dns", "/usr/lib/podman/aardvark-dns", "dns"),
        ("iperf3", "/usr/bin/iperf3", "bridge"),
        ("dnsperf", "/usr/bin/dnsperf", "dns"),
        ("serf", "/usr/bin/serf", "gossip"),
        ("nftables", "/usr/sbin/nft", "gossip"),
        ("dnsmasq-base", "/usr/sbin/dnsmasq", "dns"),
    ];

    public static void Install(string root, BenchOptions options)
    {
        var missing = s_needed
            .Where(n => n.Benchmark.Split(' ').Intersect(options.Names).Any() && (options.HasPeers || n.Package is "iproute2" or "iperf3" or "dnsperf" or "dnsmasq-base"))
            .Where(static n => !File.Exists(n.File))
            .Select(static n => n.Package);
        foreach (var package in missing)
        {
            try
            {
                Console.Error.Write(Command.Run("bash", ["-c", "set -eu; . \"$1/scripts/lib.sh\"; mkdir -p \"$ARTIFACTS\"; install_packages \"$2\"", "bash", root, package]));
            }
            catch (CommandException e)
            {
                Console.Error.WriteLine($"bench: {e.Message}");
            }
        }
    }

    /// <summary>Throws if a peer's program is not here.</summary>
    public static void Require(params string[] files)
    {
        foreach (var file in files.Where(static f => !File.Exists(f)))
        {
            var package = s_needed.FirstOrDefault(n => n.File == file).Package;
            throw new CommandException($"{file} is not here; it comes with Debian's {package}");
        }
    }
}
