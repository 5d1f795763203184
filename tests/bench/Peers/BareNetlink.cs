using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Microsoft.Win32.SafeHandles;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Bench;

/// <summary>
/// What the kernel itself costs: the fewest messages for the same objects (a pair with the peer in place, up and on the
/// bridge; address; default route; two published ports), in four sends from this process, and two that take back the ports,
/// and the pair, and wait.
/// </summary>
internal sealed class BareNetlink : IAttachPeer, INetlinkReplies
{
    private const string Peer = "eth0";

    private readonly NamespaceDirectory _directory;
    private readonly NetlinkSocket _host;
    private readonly NetlinkSocket _sandbox;
    private readonly SafeFileHandle _namespace;
    private readonly InterfaceAddress _address;
    private readonly IPAddress _gateway;
    private readonly int _bridge;
    private readonly BarePorts? _ports;
    private readonly string _prefix;
    private readonly byte[] _buffer = new byte[4096];
    private readonly NetlinkAck[] _acks = new NetlinkAck[4];
    private int _found;
    private int _count;

    private BareNetlink(
        NamespaceDirectory directory, NetlinkSocket host, NetlinkSocket sandbox, string sandboxPath, string bridge, InterfaceAddress address, IPAddress gateway, BarePorts? ports, string prefix)
    {
        _ports = ports;
        _prefix = prefix;
        _directory = directory;
        _host = host;
        _sandbox = sandbox;
        _namespace = File.OpenHandle(sandboxPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        _address = address;
        _gateway = gateway;
        _bridge = IndexOf(_host, bridge);
    }

    public PeerIdentity Identity => new(
        "bare netlink", Command.Version("uname", "-r"), "RTM_NEWLINK veth+peer+master+up; RTM_GETLINK; RTM_SETLINK up, RTM_NEWADDR, RTM_NEWROUTE; NFT_MSG_NEWSETELEM of two; back: NFT_MSG_DELSETELEM, RTM_DELLINK awaited");

    /// <summary>Opens the sockets: of a host with a bridge, and of a sandbox; the host's ends are named after a prefix.</summary>
    public static BareNetlink Open(
        HostNamespace host, string bridge, HostNamespace sandbox, string address, string gateway, TwoPorts? ports = null, string prefix = "bare")
    {
        var directory = new NamespaceDirectory();
        if (!Prefix.TryParseInterface(address, out var parsed, out var problem))
        {
            throw new CommandException(problem ?? address);
        }

        BarePorts? published = null;
        if (ports is not null)
        {
            BarePorts.Prepare(host);
            published = new BarePorts(SocketOf(directory, host, NetlinkProtocol.Netfilter), parsed!.Address, ports); // parsed, as it says
        }

        return new BareNetlink(
            directory, SocketOf(directory, host), SocketOf(directory, sandbox), sandbox.Path, bridge, parsed!, IPAddress.Parse(gateway), published, prefix);
    }

    public void Attach()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}x{++_count}");
        var writer = new NetlinkWriter(_buffer);
        BareMessages.CreatePair(ref writer, name, _bridge, Peer, new MacAddress(0x0242_0a00_0002), (int)_namespace.DangerousGetHandle());
        Send(_host, writer, 1, "create the pair");
        var index = IndexOf(_sandbox, Peer);
        writer = new NetlinkWriter(_buffer);
        BareMessages.BringUp(ref writer, index);
        BareMessages.AddAddress(ref writer, index, _address);
        BareMessages.AddDefaultRoute(ref writer, index, _gateway);
        Send(_sandbox, writer, 3, "configure the peer");
        _ports?.Add();
    }

    public void Detach()
    {
        _ports?.Remove();
        var writer = new NetlinkWriter(_buffer);
        BareMessages.Delete(ref writer, string.Create(CultureInfo.InvariantCulture, $"{_prefix}x{_count}"));
        Send(_host, writer, 1, "delete the pair");
    }

    public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body)
    {
        if (type == 16 /* RTM_NEWLINK */)
        {
            _found = BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        }
    }

    public void OnRestart()
    {
    }

    public void Dispose()
    {
        _ports?.Dispose();
        _host.Dispose();
        _sandbox.Dispose();
        _namespace.Dispose();
        Blocking.Finish(_directory.DisposeAsync());
    }

    private static NetlinkSocket SocketOf(NamespaceDirectory directory, HostNamespace host, NetlinkProtocol protocol = NetlinkProtocol.Route)
    {
        var opened = Blocking.Get(directory.OpenAsync(host.Path, [], CancellationToken.None));
        return directory.OpenSocket(opened.Namespace, protocol);
    }

    private int IndexOf(NetlinkSocket socket, string name)
    {
        var writer = new NetlinkWriter(_buffer);
        BareMessages.Get(ref writer, name);
        Send(socket, writer, 1, $"find {name}");
        return _found;
    }

    private void Send(NetlinkSocket socket, in NetlinkWriter writer, int count, string what)
    {
        var acks = _acks.AsSpan(0, count);
        socket.Exchange(_buffer.AsSpan(0, writer.Position), acks, this);
        foreach (var ack in acks)
        {
            if (!ack.IsDone)
            {
                throw new CommandException(ack.ToError(what).ToString());
            }
        }
    }
}
