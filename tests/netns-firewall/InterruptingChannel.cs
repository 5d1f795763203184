using Networking.Netlink;

namespace Networking.NetnsFirewall.Tests;

/// <summary>A channel before whose every send something else may happen.</summary>
internal sealed class InterruptingChannel(INetfilterChannel inner, Action<byte[]> before) : INetfilterChannel
{
    public uint PortId => inner.PortId;

    public void Send(ReadOnlySpan<byte> datagram)
    {
        before(datagram.ToArray());
        inner.Send(datagram);
    }

    public int Receive(Span<byte> buffer) => inner.Receive(buffer);
}
