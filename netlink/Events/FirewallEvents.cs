using System.Text;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Watches transactions for our table, our rules in chains of others, and forward chains of others. The kernel sends what a
/// transaction changed, then one NEWGEN message that names the process; so a transaction is judged when its end comes, and
/// is told once however much it did. A chain that goes is told without its hook: so the chains are remembered that have
/// this one. Of rules of others it tells when one of a kind is the first to name an interface, and when one goes. Used by
/// the event thread alone.
/// </summary>
internal sealed class FirewallEvents(Predicate<uint> isOwnPort, Action<KernelEvent> tell, IptablesFirewall? iptables = null)
{
    private const int HeaderBytes = 4; // struct nfgenmsg
    private const int ChainsMax = 1024;
    private const int LinksMax = 1024;

    private static readonly byte[] OurTable = Encoding.UTF8.GetBytes(Ownership.FirewallTable + '\0');

    private readonly HashSet<(byte Family, string Table, string Chain)> _forwardChains = [];
    private readonly HashSet<(byte Family, string Table, string? Input, string? Output, bool Guards)> _links = [];
    private bool _knowsAll;
    private bool _isTouched;
    private bool _isForeignTouched;
    private long _foreignCommits;

    /// <summary>How often somebody else changed any table, or may have: what was read of theirs at another number may be old.</summary>
    public long ForeignCommits => Interlocked.Read(ref _foreignCommits);

    /// <summary>Events were lost.</summary>
    public void Miss() => _ = Interlocked.Increment(ref _foreignCommits);

    /// <summary>Takes over the forward chains of others as they are; null if they could not be read.</summary>
    public void Remember(IReadOnlyCollection<(byte Family, string Table, string Chain)>? chains)
    {
        _forwardChains.Clear();
        _knowsAll = chains is { Count: < ChainsMax };
        if (_knowsAll)
        {
            _forwardChains.UnionWith(chains!); // counted just now
        }
    }

    public void Take(ushort type, uint port, ReadOnlySpan<byte> body)
    {
        if (type >> 8 != FirewallWire.Subsystem || body.Length < HeaderBytes)
        {
            return;
        }

        var family = body[0];
        var attributes = body[HeaderBytes..];
        TakeLinks((FirewallMessageType)(type & 0xff), family, attributes);
        switch ((FirewallMessageType)(type & 0xff))
        {
            case FirewallMessageType.NewGeneration:
                TakeEnd(port, attributes);
                break;
            case var _ when family == FirewallWire.FamilyInet && IsOurTable(attributes):
                _isTouched = true;
                break;
            case var _ when !_isTouched && iptables is { IsSeenByNftables: true } && IptablesEvents.Concerns(family, (FirewallMessageType)(type & 0xff), attributes):
                _isTouched = true;
                break;
            case FirewallMessageType.NewChain when IsRouted(family):
                TakeChain(family, attributes, isGone: false);
                break;
            case FirewallMessageType.DeleteChain or FirewallMessageType.DestroyChain when IsRouted(family):
                TakeChain(family, attributes, isGone: true);
                break;
            case FirewallMessageType.DeleteRule or FirewallMessageType.DestroyRule when !_isTouched:
                _isTouched = IsAdmission(attributes);
                break;
        }
    }

    private bool IsOurProgram(FirewallCommitted committed) => iptables?.IsOwnProcess(committed.ProcessId, committed.ProcessName) == true;

    private static bool IsRouted(byte family) =>
        family is FirewallWire.FamilyInet or FirewallWire.FamilyIpv4 or FirewallWire.FamilyIpv6;

    private static bool IsOurTable(ReadOnlySpan<byte> attributes)
    {
        var reader = new AttributeReader(attributes);
        while (reader.MoveNext())
        {
            if (reader.Type == (ushort)FirewallTableAttribute.Name)
            {
                return reader.Value.SequenceEqual(OurTable);
            }
        }

        return false;
    }

    private static bool IsAdmission(ReadOnlySpan<byte> attributes)
    {
        var reader = new AttributeReader(attributes);
        while (reader.MoveNext())
        {
            if (reader.Type == (ushort)FirewallRuleAttribute.UserData)
            {
                return FirewallUserData.ReadComment(reader.Value) == Ownership.AdmissionComment;
            }
        }

        return false;
    }

    private void TakeChain(byte family, ReadOnlySpan<byte> attributes, bool isGone)
    {
        var chain = FirewallObjectReader.ReadChain(NetNs.Host, new AttributeReader(attributes));
        var key = (family, chain.Table, chain.Name);
        if (isGone)
        {
            _isForeignTouched |= _forwardChains.Remove(key) || !_knowsAll;
        }
        else if (chain.Base is { Hook: FirewallHook.Forward })
        {
            _isForeignTouched = true;
            _knowsAll &= _forwardChains.Count < ChainsMax;
            _ = _knowsAll && _forwardChains.Add(key);
        }
    }

    private void TakeLinks(FirewallMessageType type, byte family, ReadOnlySpan<byte> attributes)
    {
        var isGone = type is FirewallMessageType.DeleteRule or FirewallMessageType.DestroyRule;
        if ((!isGone && type != FirewallMessageType.NewRule) || !IsRouted(family) || (family == FirewallWire.FamilyInet && IsOurTable(attributes)))
        {
            return;
        }

        var (chain, rule) = FirewallTransport.ReadLinkRule(new AttributeReader(attributes));
        if (!rule.IsOfForwarder || IptablesChainName.IsOurs(chain) || FirewallObjectReader.ReadTable(new AttributeReader(attributes)) is not { } table)
        {
            return;
        }

        if (isGone)
        {
            _links.Clear(); // others of its kind may stand yet: they are told of once more
            _isForeignTouched = true;
        }
        else if (_links.Count >= LinksMax || _links.Add((family, table, rule.Input, rule.Output, rule.Guards)))
        {
            _isForeignTouched = true;
        }
    }

    private void TakeEnd(uint port, ReadOnlySpan<byte> attributes)
    {
        var isOwn = isOwnPort(port) || IsOurProgram(FirewallCommitted.Read(port, new AttributeReader(attributes)));
        if (!isOwn)
        {
            _ = Interlocked.Increment(ref _foreignCommits);
        }

        if (_isTouched && !isOwn)
        {
            var committed = FirewallCommitted.Read(port, new AttributeReader(attributes));
            tell(new FirewallChanged(NetNs.Host, committed.ProcessId, committed.ProcessName));
        }

        if (_isForeignTouched && !isOwn)
        {
            tell(new ForeignFirewallChanged(NetNs.Host));
        }

        (_isTouched, _isForeignTouched) = (false, false);
    }
}
