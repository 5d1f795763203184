using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Everything this room gives the daemon, composed: one directory of namespaces, and the kernel over it.</summary>
public sealed class NetlinkWorld : IAsyncDisposable
{
    private readonly IptablesFirewall _iptables = new();
    private readonly NamespaceDirectory _directory;
    private readonly NetlinkKernel _kernel;
    private readonly DescriptorStore _store;

    private NetlinkWorld(string probeDirectory, DescriptorStore store, Action<string>? passing)
    {
        _store = store;
        _directory = new NamespaceDirectory(
            (ns, socket) => ns.IsHost ? new HostFirewallTransport(new SocketFirewallTransport(ns, socket), _iptables) : new SocketFirewallTransport(ns, socket),
            passing: passing);
        _kernel = new NetlinkKernel(_directory, new NetlinkKernelOptions(), _iptables);
        Listeners = new NamespaceListeners(_directory, store);
        Ports = new HostPorts(_directory.HostCookie);
        Features = new FeatureProbe(_directory, _kernel, new ForeignTranslations(_directory, _kernel.CountForeignFirewallCommitsAsync), _iptables, probeDirectory);
    }

    /// <summary>The kernel.</summary>
    public IKernel Kernel => _kernel;

    /// <summary>Ways to namespaces.</summary>
    public INamespaces Namespaces => _directory;

    /// <summary>The host's own namespace.</summary>
    public IHost Host => _directory;

    /// <summary>Ports of the host's own namespace.</summary>
    public IHostPorts Ports { get; }

    /// <summary>Sockets that answer inside sandboxes.</summary>
    public NamespaceListeners Listeners { get; }

    /// <summary>What this kernel can do.</summary>
    public IFeatureProbe Features { get; }

    /// <summary>Opens the sockets of the host's namespace: the namespace of the calling thread.</summary>
    /// <param name="probeDirectory">Where a throw-away namespace may be kept while features are tried.</param>
    /// <param name="variable">Reads a variable of the environment, for what the service manager has to say.</param>
    /// <param name="passing">Told each place between two steps of one kernel operation: a seam for tests of sudden death.</param>
    /// <exception cref="KernelException">Not root, or the kernel lacks netlink.</exception>
    public static NetlinkWorld Open(string probeDirectory, Func<string, string?> variable, Action<string>? passing = null) =>
        new(probeDirectory, DescriptorStore.Open(variable), passing);

    /// <summary>Completes when no deleted link is left in the kernel.</summary>
    public Task WhenReapedAsync() => _kernel.WhenReapedAsync();

    /// <summary>Traffic with the kernel so far, for metrics.</summary>
    public IEnumerable<(string Name, string Help, double Value)> Counters()
    {
        var counters = _directory.Traffic.Counters;
        yield return ("netd_netlink_messages_sent_total", "Netlink messages sent, in all namespaces.", counters.MessagesSent);
        yield return ("netd_netlink_bytes_sent_total", "Netlink bytes sent, in all namespaces.", counters.BytesSent);
        yield return ("netd_netlink_messages_received_total", "Netlink messages received, in all namespaces.", counters.MessagesReceived);
        yield return ("netd_link_group_deletions_total", "Messages that deleted links whose packet path was cut before, all that waited in one.", _directory.Doomed.Passes);
        yield return ("netd_link_group_deletions_postponed_total", "Times the kernel would not delete such links, and the next attempt was put off, by a minute at most.", _directory.Doomed.Postponements);
        yield return ("netd_conntrack_flushes_total", "Times connections were forgotten because the port they came to was published, moved or closed.", _kernel.ConntrackFlushes);
        yield return ("netd_iptables_restores_total", "Programs run to change iptables; one for each family that a change concerns.", _iptables.Restores);
        yield return ("netd_descriptor_store_refused_total", "Messages about kept sockets that the service manager did not take.", _store.Refused);
        yield return ("netd_namespaces_open", "Namespaces with an open handle.", _directory.OpenCount);
    }

    /// <summary>Waits for doomed links, closes every socket.</summary>
    public async ValueTask DisposeAsync()
    {
        Listeners.Dispose();
        await _kernel.DisposeAsync();
        await _directory.DisposeAsync();
        _store.Dispose();
    }
}
