using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>The firewall's channel over a netlink socket that was opened inside the namespace.</summary>
internal sealed class NetfilterSocketChannel(NetlinkSocket socket) : INetfilterChannel
{
    public uint PortId => socket.PortId;

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (socket.SendDatagram(datagram) is var errno and not 0)
        {
            throw SystemCalls.Refused(errno, $"send {datagram.Length} bytes to nf_tables");
        }
    }

    public int Receive(Span<byte> buffer)
    {
        var length = socket.ReceiveDatagram(buffer);
        return length >= 0 ? length : throw SystemCalls.Refused(-length, "read an answer of nf_tables");
    }
}

/// <summary>The firewall codec behind the seam of <see cref="NamespaceDirectory"/>: one transport a namespace, which owns its socket.</summary>
internal sealed class SocketFirewallTransport : IFirewallTransport
{
    private readonly Networking.Model.NetNs _namespace;
    private readonly NetlinkSocket _socket;
    private readonly FirewallTransport _transport;
    private readonly Lock _gate = new(); // guards _transport, which serves one caller at a time

    public SocketFirewallTransport(Networking.Model.NetNs ns, NetlinkSocket socket)
    {
        _namespace = ns;
        _socket = socket;
        _transport = new FirewallTransport(new NetfilterSocketChannel(socket));
    }

    public OperationResult[] Apply(ReadOnlySpan<KernelOperation> operations)
    {
        var list = operations.ToArray();
        lock (_gate)
        {
            return _transport.Apply(list);
        }
    }

    public IEnumerable<KernelObject> Observe(IReadOnlyCollection<KernelObject> wanted)
    {
        lock (_gate)
        {
            return _transport.Observe(_namespace, Ownership.FirewallTable, [.. wanted.OfType<ForeignAdmissionState>()]);
        }
    }

    public bool HasTable(string table)
    {
        lock (_gate)
        {
            return _transport.HasTable(table);
        }
    }

    /// <summary>True if tables of iptables-nft have chains of our names.</summary>
    public bool HasIptablesChains()
    {
        lock (_gate)
        {
            return _transport.ReadChainNames().Any(IptablesChainName.IsOurs);
        }
    }

    public IReadOnlyList<ForeignDrop> ReadForeignForwardDrops()
    {
        lock (_gate)
        {
            return _transport.ReadForeignForwardDrops();
        }
    }

    public IReadOnlyList<Networking.Model.ForeignLink> ReadForeignLinks()
    {
        lock (_gate)
        {
            return _transport.ReadForeignLinks();
        }
    }

    public IReadOnlyList<ForeignDrop> ReadForeignInputDrops()
    {
        lock (_gate)
        {
            return _transport.ReadForeignInputDrops();
        }
    }

    public IReadOnlyList<ForeignPortRule> ReadForeignTranslations()
    {
        lock (_gate)
        {
            return _transport.ReadForeignTranslations();
        }
    }

    public IReadOnlyList<ForeignPortRule> ReadForeignDropRules(FirewallHook hook)
    {
        lock (_gate)
        {
            return _transport.ReadForeignDropRules(hook);
        }
    }

    public void Dispose()
    {
        _transport.Dispose();
        _socket.Dispose();
    }
}
