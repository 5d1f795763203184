namespace Networking.Netlab.Providers;

/// <summary>Where things are.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Place">What dies with the lab: disks, shared folders, sockets.</param>
internal sealed record LabPaths(string Repository, string Place)
{
    /// <summary>The packages that are installed.</summary>
    public string Packages => Path.Combine(Repository, "artifacts", "netlab", "deb");

    /// <summary>The kernel of virtual machines (netlab-vagrant/kernel.sh).</summary>
    public string Kernel => Path.Combine(Repository, "artifacts", "netlab", "kernel");

    /// <summary>What stays of a run.</summary>
    public string Results => Path.Combine(Repository, "artifacts", "netlab", "results");

    /// <summary>What Vagrant has said.</summary>
    public string VagrantLog => Path.Combine(Repository, "artifacts", "netlab", "vagrant", "vagrant.log");

    /// <summary>A netd with faults built in (tests/planted), where it was built.</summary>
    public string Planted => Path.Combine(Repository, "artifacts", "ahead", "publish", "Networking.Planted", "netd");
}
