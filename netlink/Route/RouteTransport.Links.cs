using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Links: what each verb means for each kind.</summary>
internal sealed partial class RouteTransport
{
    private const string Newborn = "nx-new"; // until it has the name that it is to have
    private const int MtuMax = 65535; // ETH_MAX_MTU

    private static string? LocalParentOf(LinkState link) => link.Details switch
    {
        VlanLink vlan => vlan.Parent,
        MacvlanLink macvlan when macvlan.ParentNamespace == link.Namespace => macvlan.Parent,
        _ => null,
    };

    private bool TryResolveLink(
        KernelOperation operation,
        LinkState link,
        ReadOnlySpan<KernelOperation> operations,
        Span<OperationResult> results,
        out References references,
        out KernelError? error)
    {
        references = default;
        error = null;
        var own = Identify(link.Name, operations, results);
        if (operation.Verb == OperationVerb.Delete)
        {
            references = new References { Own = own };
            return own.IsThere && link.Details is not ExistingLink;
        }

        var mustBeThere = operation.Verb == OperationVerb.Change || link.Details is ExistingLink or VethPeerLink;
        if (own.IsThere != mustBeThere)
        {
            // Looked at before, because a refused creation would not stop the messages behind it from changing a stranger's link.
            error = own.IsThere ? SystemCalls.ErrorOf(Errno.Exists, OperationText.Of(operation)) : Missing(operation, link);
            return false;
        }

        if (link is { IsUp: true, Details: ExistingLink { IsLeftAlone: true } } && !own.IsUp)
        {
            error = SystemCalls.ErrorOf(Errno.NetworkDown, OperationText.Of(operation), $"interface {link.Name} is down, and not netd's to bring up");
            return false;
        }

        if (!TryFind(operation, link.Master, operations, results, out var master, out error)
            || !TryFind(operation, mustBeThere ? null : LocalParentOf(link), operations, results, out var parent, out error))
        {
            return false;
        }

        var made = new LinkReferences { MasterIndex = master, ParentIndex = parent };
        if (!mustBeThere && link.Details is MacvlanLink macvlan && macvlan.ParentNamespace != ns)
        {
            Flush(operations, results);
            error = CreateFromParent(operation, link, macvlan, made);
            references = new References { Own = own, Link = made, IsMade = true };
            return error is null;
        }

        if (!mustBeThere && link.Details is VethLink veth && veth.PeerNamespace != ns)
        {
            var lease = handles.Rent(veth.PeerNamespace);
            _leases.Add(lease);
            made = made with { PeerNamespace = lease.Handle.Descriptor.Number };
        }

        references = new References { Own = own, Link = made };
        return true;
    }

    private static KernelError Missing(KernelOperation operation, LinkState link) => SystemCalls.ErrorOf(
        Errno.NoDevice,
        OperationText.Of(operation),
        link.Details is VethPeerLink ? $"the other end {link.Name} of {link.Details} was not made" : $"there is no interface {link.Name}");

    private bool TryFind(
        KernelOperation operation,
        string? name,
        ReadOnlySpan<KernelOperation> operations,
        Span<OperationResult> results,
        out int index,
        out KernelError? error)
    {
        index = 0;
        error = null;
        if (string.IsNullOrEmpty(name))
        {
            return true;
        }

        index = Identify(name, operations, results).Index;
        return index != 0 || Absent(operation, name, out error);
    }

    /// <summary>
    /// A device on an interface of another namespace is asked for there and lands here: only the namespace of the
    /// interface below can name it.
    /// </summary>
    private KernelError? CreateFromParent(KernelOperation operation, LinkState link, MacvlanLink macvlan, LinkReferences made)
    {
        using var parentLease = handles.Rent(macvlan.ParentNamespace);
        using var ownLease = handles.Rent(ns);
        var parent = LinkQuery.Identify(parentLease.Handle.Socket, macvlan.Parent);
        if (!parent.IsThere)
        {
            return SystemCalls.ErrorOf(Errno.NoDevice, OperationText.Of(operation), $"there is no interface {macvlan.Parent}");
        }

        var there = parentLease.Handle.Socket;
        var references = made with { ParentIndex = parent.Index, TargetNamespace = ownLease.Handle.Descriptor.Number };

        // Kernels before 6.15 refuse a name that the namespace of the interface below has too, and most hosts have an eth0.
        var ack = LinkQuery.Identify(there, link.Name).IsThere
            ? CreateAndName(there, link, references)
            : Tell(there, (ref writer) => LinkEncoder.Create(ref writer, link, references));
        return ack.IsDone ? null : ErrorOf(operation, ack);
    }

    // Two steps in two namespaces, and a sudden death may come between them: what it leaves is told by its group.
    private NetlinkAck CreateAndName(NetlinkSocket there, LinkState link, LinkReferences references)
    {
        if (LinkQuery.Get(socket, Newborn) is { IsNewborn: true })
        {
            _ = Tell(socket, (ref writer) => LinkEncoder.Delete(ref writer, Newborn));
        }

        var ack = Tell(there, (ref writer) => LinkEncoder.Create(ref writer, link with { Name = Newborn }, references));
        if (!ack.IsDone)
        {
            return ack;
        }

        passing?.Invoke($"between making and naming {link.Name} in {ns}");
        var index = LinkQuery.Identify(socket, Newborn).Index;
        ack = Tell(socket, (ref writer) => LinkEncoder.Rename(ref writer, index, link.Name));
        if (!ack.IsDone)
        {
            _ = Tell(socket, (ref writer) => LinkEncoder.Delete(ref writer, Newborn));
        }

        return ack;
    }

    private delegate void Message(ref NetlinkWriter writer);

    private static NetlinkAck Tell(NetlinkSocket there, Message write)
    {
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        write(ref writer);
        _ = batch.Commit(writer);
        there.Exchange(batch.Messages, batch.Acks);
        return batch.Acks[0];
    }

    private void EncodeLink(KernelOperation operation, in References references)
    {
        var link = (LinkState)operation.Target;
        if (link.Details is ExistingLink { IsLeftAlone: true })
        {
            return; // it was looked at, and that is all
        }

        if (operation.Verb == OperationVerb.Delete)
        {
            EncodeDelete(link, references.Own.Index);
        }
        else if (operation.Verb == OperationVerb.Create && link.Details is not (ExistingLink or VethPeerLink))
        {
            EncodeCreate(link, references);
        }
        else
        {
            EncodeChange(link, operation.Before as LinkState, references);
        }
    }

    private void EncodeCreate(LinkState link, in References references)
    {
        // A bridge takes on the smallest MTU of its ports until somebody changes its own; what it is made with does not
        // count. So it is made with another one, and the one meant is set by the next message. The other one is larger where
        // it can be: a smaller one may be too small for IPv6, or for a bridge.
        var pinsMtu = link is { Details: BridgeLink, MtuBytes: not null };
        var otherMtu = link.MtuBytes < MtuMax ? link.MtuBytes + 1 : link.MtuBytes - 1;

        // A pair has no carrier until its other end comes up too, so nothing happens on it before all is set.
        var comesUp = link is { Details: VethLink, IsUp: true };
        if (!references.IsMade)
        {
            var writer = _batch.Begin();
            LinkEncoder.Create(ref writer, pinsMtu ? link with { MtuBytes = otherMtu } : link, references.Link, comesUp);
            _ = _batch.Commit(writer);
        }

        _ = _names.Remove(link.Name);
        Settle(
            link with { Mac = pinsMtu ? null : link.Mac, IsUp = comesUp ? null : link.IsUp, Port = link.Port == BridgePortState.Fresh ? null : link.Port },
            null,
            withHardware: pinsMtu);
    }

    private void EncodeChange(LinkState link, LinkState? before, in References references)
    {
        // What is so already is not sent: setting an address or MTU anew costs the kernel a round of notifications.
        var own = references.Own;
        var mtu = link.MtuFrom(own.MtuBytes) ?? own.MtuBytes;
        var changed = link with
        {
            Mac = link.Mac == own.Mac ? null : link.Mac,
            MtuBytes = mtu == own.MtuBytes ? null : mtu,
            HasLinkLocal = mtu < LinkState.Ipv6MtuMin ? null : link.HasLinkLocal,
        };
        var masterChanges = link.Master is not null && link.Master != before?.Master;

        // The kernel looks for IPv6 on the link before it does any of what a message asks: the MTU that brings IPv6 goes ahead.
        var gainsIpv6 = own.MtuBytes < LinkState.Ipv6MtuMin && mtu >= LinkState.Ipv6MtuMin;
        var writer = _batch.Begin();
        if ((masterChanges || gainsIpv6) && LinkEncoder.TryAttach(ref writer, changed, masterChanges ? references.Link.MasterIndex : null))
        {
            _ = _batch.Commit(writer);
        }

        if (gainsIpv6 && link.HasLinkLocal == false)
        {
            _gainers.Add(own.Index);
        }

        // New to a bridge, the port has none of the settings it had on the old one; where IPv6 is new, there is no mode yet.
        before = masterChanges && before is not null ? before with { Port = BridgePortState.Fresh } : before;
        Settle(changed, gainsIpv6 && before is not null ? before with { HasLinkLocal = null } : before, withHardware: !masterChanges && !gainsIpv6);
    }

    /// <summary>A link that is up gets its link-local address together with its IPv6, before it can be told to have none.</summary>
    private void TakeLinkLocals(int index)
    {
        foreach (var address in LinkQuery.AddressesOf(socket, WireFamily.Inet6, index).Where(static a => a.Address.IsIPv6LinkLocal))
        {
            _ = Tell(socket, (ref writer) => AddressEncoder.Delete(ref writer, address, index));
        }
    }

    private void Settle(LinkState link, LinkState? before, bool withHardware)
    {
        var writer = _batch.Begin();
        if (LinkEncoder.TryConfigure(ref writer, link, before, withHardware))
        {
            _ = _batch.Commit(writer);
            link = link with { Alias = null }; // it went along
        }

        writer = _batch.Begin();
        if (LinkEncoder.TryFinish(ref writer, link, before))
        {
            _ = _batch.Commit(writer);
        }
    }

    private void EncodeDelete(LinkState link, int index)
    {
        if (link.Details is VethLink or VethPeerLink or BridgeLink)
        {
            EncodeCut(link, index);
        }
        else
        {
            var writer = _batch.Begin();
            LinkEncoder.Delete(ref writer, link.Name);
            _ = _batch.Commit(writer);
        }

        _ = _names.Remove(link.Name);
    }

    /// <summary>
    /// Cuts the packet path and frees the name at once; the death of bridges and pairs (the making end takes the other
    /// along) comes later and in a group. Other kinds hold a number or a parent that must be free at once too.
    /// </summary>
    private void EncodeCut(LinkState link, int index)
    {
        if (link.Details is not VethLink)
        {
            // A link that is down keeps its IPv4 addresses (the IPv6 ones go), and they would be taken for ours.
            foreach (var address in LinkQuery.AddressesOf(socket, WireFamily.Inet, index))
            {
                var deletion = _batch.Begin();
                AddressEncoder.Delete(ref deletion, address, index);
                _ = _batch.Commit(deletion);
            }
        }

        var cut = _batch.Begin();
        LinkEncoder.Cut(ref cut, index);
        _ = _batch.Commit(cut);
        var rename = _batch.Begin();
        LinkEncoder.Rename(ref rename, index, $"nx{index:x}");
        _ = _batch.Commit(rename);
        _hasCut |= link.Details is not VethPeerLink;
    }
}
