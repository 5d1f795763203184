using System.Diagnostics;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// The route lane of one namespace: turns operations into messages that travel in one send, and answers into results.
/// Names are resolved by asking for just those links, so the cost of a change does not depend on how many there are.
/// </summary>
/// <remarks>
/// <code>
/// operations ─► names asked for in one send ─► messages of all operations in one send ─► results by operation
///                                              (flushed early only before a name that the batch itself made)
/// </code>
/// Used by one thread at a time, the lane's; keeps its buffers, so addresses and routes allocate nothing, a link a copy of its value
/// without what is so already.
/// </remarks>
internal sealed partial class RouteTransport(
    NetNs ns, NetlinkSocket socket, INamespaceHandles handles, Action<NetNs> doomed, Action<string>? passing)
{
    private readonly NetlinkBatch _batch = new();
    private readonly List<Part> _parts = [];
    private readonly List<NamespaceLease> _leases = []; // descriptors that pending messages refer to
    private readonly List<int> _gainers = []; // links whose MTU has just brought IPv6, and that shall have no address of the kernel's own
    private bool _hasCut;

    /// <summary>Does the operations in order; a refused one does not stop the later ones.</summary>
    public void Apply(ReadOnlySpan<KernelOperation> operations, Span<OperationResult> results)
    {
        results.Clear();
        _hasCut = false;
        try
        {
            AskForNames(operations);
            for (var i = 0; i < operations.Length; i++)
            {
                Add(i, operations, results);
            }

            Flush(operations, results);
            foreach (var index in _gainers)
            {
                TakeLinkLocals(index);
            }
        }
        finally
        {
            _gainers.Clear();
            _batch.Clear();
            _parts.Clear();
            ReturnLeases();
        }

        if (_hasCut)
        {
            doomed(ns);
        }
    }

    private void Add(int number, ReadOnlySpan<KernelOperation> operations, Span<OperationResult> results)
    {
        var operation = operations[number];
        try
        {
            if (!TryResolve(operation, operations, results, out var references, out var error))
            {
                results[number] = new OperationResult(error);
                return;
            }

            var first = _batch.Count;
            Encode(operation, references);
            _parts.Add(new Part(number, first, _batch.Count - first));
        }
        catch (KernelException exception) when (exception.Error is { } error)
        {
            // Another namespace that this operation needs (a peer's, a parent's) is gone; the rest of the batch is not concerned.
            results[number] = new OperationResult(error with { Operation = OperationText.Of(operation) });
        }
    }

    private void Flush(ReadOnlySpan<KernelOperation> operations, Span<OperationResult> results)
    {
        if (_batch.Count > 0)
        {
            socket.Exchange(_batch.Messages, _batch.Acks);
        }

        foreach (var part in _parts)
        {
            results[part.Operation] = ResultOf(operations[part.Operation], _batch.Acks.Slice(part.First, part.Count));
        }

        _parts.Clear();
        _batch.Clear();
        ReturnLeases();
    }

    /// <summary>An operation is done if all of its messages were; else the first refusal is its error.</summary>
    private static OperationResult ResultOf(KernelOperation operation, ReadOnlySpan<NetlinkAck> acks)
    {
        foreach (ref readonly var ack in acks)
        {
            if (!ack.IsDone && !(operation.Verb == OperationVerb.Delete && Errno.IsAbsence(ack.Errno)))
            {
                return new OperationResult(ErrorOf(operation, ack));
            }
        }

        return OperationResult.Done;
    }

    private static KernelError ErrorOf(KernelOperation operation, in NetlinkAck ack)
    {
        var error = ack.ToError(OperationText.Of(operation));
        return operation.Verb == OperationVerb.Create && ack.Text is null or "Unknown device type" or "IPv6 is disabled on this device"
            && OperationText.Meaning(operation, ack.Errno) is { } meaning
                ? error with { KernelText = meaning }
                : error;
    }

    private void Encode(KernelOperation operation, in References references)
    {
        switch (operation.Target)
        {
            case LinkState:
                EncodeLink(operation, references);
                break;
            case AddressState address:
                EncodeAddress(operation.Verb, address, references.LinkIndex);
                break;
            case RouteState route:
                EncodeRoute(operation.Verb, route, references.LinkIndex);
                break;
            case NeighborState neighbor:
                EncodeNeighbor(operation.Verb, neighbor, references.LinkIndex);
                break;
            case FdbState entry:
                EncodeFdb(operation.Verb, entry, references.LinkIndex);
                break;
            case RuleState rule:
                EncodeRule(operation.Verb, rule);
                break;
            default:
                throw new UnreachableException($"{operation} is not of the route lane");
        }
    }

    private void EncodeAddress(OperationVerb verb, AddressState address, int linkIndex)
    {
        var writer = _batch.Begin();
        if (verb == OperationVerb.Delete)
        {
            AddressEncoder.Delete(ref writer, address.Address, linkIndex);
        }
        else
        {
            AddressEncoder.Add(ref writer, address.Address, linkIndex, verb == OperationVerb.Change);
        }

        _ = _batch.Commit(writer);
    }

    private void EncodeRoute(OperationVerb verb, RouteState route, int linkIndex)
    {
        var writer = _batch.Begin();
        if (verb == OperationVerb.Delete)
        {
            RouteEncoder.Delete(ref writer, route, linkIndex);
        }
        else
        {
            RouteEncoder.Add(ref writer, route, linkIndex, verb == OperationVerb.Change);
        }

        _ = _batch.Commit(writer);
    }

    private void EncodeNeighbor(OperationVerb verb, NeighborState neighbor, int linkIndex)
    {
        var writer = _batch.Begin();
        if (verb == OperationVerb.Delete)
        {
            NeighborEncoder.Delete(ref writer, neighbor, linkIndex);
        }
        else
        {
            NeighborEncoder.Set(ref writer, neighbor, linkIndex);
        }

        _ = _batch.Commit(writer);
    }

    private void EncodeFdb(OperationVerb verb, FdbState entry, int linkIndex)
    {
        var writer = _batch.Begin();
        if (verb == OperationVerb.Delete)
        {
            NeighborEncoder.Delete(ref writer, entry, linkIndex);
        }
        else
        {
            NeighborEncoder.Set(ref writer, entry, linkIndex);
        }

        _ = _batch.Commit(writer);
    }

    private void EncodeRule(OperationVerb verb, RuleState rule)
    {
        var writer = _batch.Begin();
        if (verb == OperationVerb.Delete)
        {
            RuleEncoder.Delete(ref writer, rule);
        }
        else
        {
            RuleEncoder.Add(ref writer, rule);
        }

        _ = _batch.Commit(writer);
    }

    private void ReturnLeases()
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }

        _leases.Clear();
    }

    /// <summary>The messages of one operation in the pending batch.</summary>
    private readonly record struct Part(int Operation, int First, int Count);

    /// <summary>What an operation's names stand for.</summary>
    private readonly record struct References(int LinkIndex, LinkIdentity Own, LinkReferences Link, bool IsMade);
}
