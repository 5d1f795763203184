using System.Net;
using Networking.Netlink;

namespace Networking.Bench;

/// <summary>
/// Two published ports as a program written by hand would have them: two elements of one map that a single rule translates
/// by, in one batch. Every message of the batch is acknowledged, which needs Linux 6.10.
/// </summary>
internal sealed class BarePorts(NetlinkSocket socket, IPAddress target, TwoPorts ports) : IDisposable
{
    private const string Rules = """
        add table ip bare
        flush table ip bare
        table ip bare {
          map ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
          chain prerouting { type nat hook prerouting priority dstnat; dnat ip to meta l4proto . th dport map @ports; }
        }
        """;

    private readonly byte[] _buffer = new byte[1024];
    private readonly NetlinkAck[] _acks = new NetlinkAck[3];

    /// <summary>Makes the table, chain and map in a namespace; fine if they are there.</summary>
    public static void Prepare(HostNamespace host) => _ = Command.Run(host.Prefix[0], [.. host.Prefix[1..], "nft", "-f", "-"], Rules);

    public void Add() => Send(isNew: true);

    public void Remove() => Send(isNew: false);

    public void Dispose() => socket.Dispose();

    private void Send(bool isNew)
    {
        var writer = new NetlinkWriter(_buffer);
        BareMessages.BeginBatch(ref writer);
        BareMessages.ChangePorts(ref writer, isNew, target, new BarePort(6, ports.Tcp, TwoPorts.TcpTarget), new BarePort(17, ports.Udp, TwoPorts.UdpTarget));
        BareMessages.EndBatch(ref writer);
        socket.Exchange(_buffer.AsSpan(0, writer.Position), _acks);
        foreach (var ack in _acks)
        {
            if (!ack.IsDone)
            {
                throw new CommandException(ack.ToError(isNew ? "publish two ports" : "take two ports back").ToString());
            }
        }
    }
}
