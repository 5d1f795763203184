using System.Threading.Channels;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Placeholder.</summary>
internal sealed class KernelEvents(NamespaceDirectory directory, NetlinkKernelOptions options) : IDisposable
{
    private readonly Channel<KernelEvent> _channel = Channel.CreateBounded<KernelEvent>(options.EventsMax);

    public ChannelReader<KernelEvent> Reader => _channel.Reader;

    public void Dispose() => _ = directory.OpenCount;
}
