using System.Threading.Channels;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>A bounded queue of events. What does not fit is dropped, and that it was is itself the next event.</summary>
internal sealed class EventChannel(int capacity)
{
    private readonly Channel<KernelEvent> _channel = Channel.CreateBounded<KernelEvent>(
        new BoundedChannelOptions(capacity) { SingleWriter = true });

    private bool _hasLost;

    public ChannelReader<KernelEvent> Reader => _channel.Reader;

    /// <summary>True while a loss could not yet be told.</summary>
    public bool OwesLoss => _hasLost && !TryTellLoss();

    public void Add(KernelEvent item)
    {
        if (OwesLoss || !_channel.Writer.TryWrite(item))
        {
            _hasLost = true;
        }
    }

    public void Complete() => _ = _channel.Writer.TryComplete();

    private bool TryTellLoss()
    {
        if (_channel.Writer.TryWrite(new EventsLost(null, "more events than their reader took")))
        {
            _hasLost = false;
        }

        return !_hasLost;
    }
}
