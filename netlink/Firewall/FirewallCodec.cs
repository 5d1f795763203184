using System.Diagnostics;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Turns operations into one nf_tables transaction (family inet). Operations keep their order, except that inside an
/// unbroken run of chain operations, or of element operations, they are sorted into phases:
/// <code>
/// chains:   rules of deleted and changed chains out → chains out → chains in → rules in  (they may jump to each other)
/// elements: out, set by set → in, set by set                                             (one message a set, chunked)
/// </code>
/// Used by one caller at a time; buffers are kept, so a batch of elements is encoded without an allocation.
/// </summary>
public sealed partial class FirewallCodec : IDisposable
{
    // Sets whose single-part keys are ranges, as far as seen. An element does not say whether its set is one of them,
    // and the kernel would take a lone value for a range without end: for these a value that is no range is refused.
    private readonly HashSet<(string Table, string Set)> _intervalSets = [];
    private FirewallProblem? _problem;

    /// <summary>
    /// Whether deletions use NFT_MSG_DESTROY* (kernel 6.3 and later), which does not mind absence. Without it each
    /// deletion is a DEL message of its own, so that the kernel's ENOENT says which object was absent.
    /// </summary>
    public bool UsesDestroy { get; set; } = true;

    /// <summary>What was encoded last.</summary>
    public FirewallBatch Batch { get; } = new();

    /// <summary>Encodes the operations into <see cref="Batch"/>.</summary>
    /// <param name="operations">Operations of the firewall lane, in the plan's order.</param>
    /// <param name="sequence">Sequence of BATCH_BEGIN; the messages count on from it.</param>
    /// <param name="isSkipped">Operations to leave out, by index; empty for none.</param>
    /// <returns>The first operation that cannot be encoded; null if all could be.</returns>
    public FirewallProblem? Encode(
        IReadOnlyList<KernelOperation> operations, uint sequence, ReadOnlySpan<bool> isSkipped = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        _problem = null;
        var writer = Batch.Begin(BytesMax(operations), sequence);
        var at = 0;
        while (at < operations.Count && _problem is null)
        {
            var kind = KindOf(operations[at]);
            var end = at + 1;
            while (end < operations.Count && KindOf(operations[end]) == kind)
            {
                end++;
            }

            EncodeRun(ref writer, kind, operations, at, end, isSkipped);
            at = end;
        }

        Batch.End(ref writer);
        return _problem;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Batch.Dispose();
        ReturnGroups();
    }

    // Not the key's kind: a key is text, and making it would cost an allocation for each element.
    private static ObjectKind KindOf(KernelOperation operation) => operation.Target switch
    {
        FirewallTableState => ObjectKind.FirewallTable,
        FirewallSetState => ObjectKind.FirewallSet,
        FirewallChainState => ObjectKind.FirewallChain,
        FirewallElementState => ObjectKind.FirewallElement,
        ForeignAdmissionState => ObjectKind.ForeignAdmission,
        _ => ObjectKind.Sysctl,
    };

    private static bool IsSkipped(ReadOnlySpan<bool> isSkipped, int operation) =>
        !isSkipped.IsEmpty && isSkipped[operation];

    private void EncodeRun(
        ref NetlinkWriter writer,
        ObjectKind kind,
        IReadOnlyList<KernelOperation> operations,
        int start,
        int end,
        ReadOnlySpan<bool> isSkipped)
    {
        switch (kind)
        {
            case ObjectKind.FirewallElement:
                EncodeElements(ref writer, operations, start, end, isSkipped);
                break;
            case ObjectKind.FirewallChain:
                EncodeChains(ref writer, operations, start, end, isSkipped);
                break;
            case ObjectKind.ForeignAdmission:
                EncodeAdmissions(ref writer, operations, start, end, isSkipped);
                break;
            case ObjectKind.FirewallSet or ObjectKind.FirewallTable:
                for (var i = start; i < end && _problem is null; i++)
                {
                    if (!IsSkipped(isSkipped, i))
                    {
                        EncodeOne(ref writer, operations[i], i);
                    }
                }

                break;
            default:
                _problem = new FirewallProblem(start, "it is no object of the firewall");
                break;
        }
    }

    private void EncodeOne(ref NetlinkWriter writer, KernelOperation operation, int index)
    {
        switch (operation.Verb, operation.Target)
        {
            case (OperationVerb.Create, FirewallTableState table):
                PutTable(ref writer, FirewallMessageType.NewTable, table, index);
                break;
            case (OperationVerb.Delete, FirewallTableState table):
                PutTable(ref writer, Deletion(FirewallMessageType.DeleteTable), table, index);
                break;
            case (OperationVerb.Create, FirewallSetState set):
                PutNewSet(ref writer, set, index);
                break;
            case (OperationVerb.Delete, FirewallSetState set):
                PutDeleteSet(ref writer, set, index);
                break;
            default:
                _problem = new FirewallProblem(index, "it cannot be changed in place, only deleted and made anew");
                break;
        }
    }

    private FirewallMessageType Deletion(FirewallMessageType delete) => !UsesDestroy ? delete : delete switch
    {
        FirewallMessageType.DeleteTable => FirewallMessageType.DestroyTable,
        FirewallMessageType.DeleteChain => FirewallMessageType.DestroyChain,
        FirewallMessageType.DeleteRule => FirewallMessageType.DestroyRule,
        FirewallMessageType.DeleteSet => FirewallMessageType.DestroySet,
        FirewallMessageType.DeleteSetElement => FirewallMessageType.DestroySetElement,
        _ => throw new UnreachableException(delete.ToString()),
    };

    // Headers of element messages are counted only where the set changes: in one message per set they are written once.
    private int BytesMax(IReadOnlyList<KernelOperation> operations)
    {
        var bytes = 0;
        var headersMax = 0;
        FirewallElementState? previous = null;
        for (var i = 0; i < operations.Count; i++)
        {
            var operation = operations[i];
            if (operation.Verb == OperationVerb.Change || !UsesDestroy || operation.Target is not FirewallElementState element)
            {
                bytes += FirewallMeasure.Operation(operation);
                previous = null;
                continue;
            }

            bytes += FirewallMeasure.Element(element);
            if (previous is null || !IsSameSet(previous, element) || operations[i - 1].Verb != operation.Verb)
            {
                var headers = FirewallMeasure.ElementList(element);
                headersMax = Math.Max(headersMax, headers);
                bytes += headers;
            }

            previous = element;
        }

        // A nest that is full begins another message; it is never left less than half full.
        return bytes + (((bytes / (FirewallWire.NestBytesMax / 2)) + 1) * headersMax);
    }
}
