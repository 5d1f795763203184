using System.Buffers;
using System.Runtime.InteropServices;
using Networking.Kernel;

namespace Networking.Netlink;

/// <content>
/// Elements: those of one set travel in one message, in their order, until its nest is full. The groups are lists
/// threaded through one pooled array, so the cost of an element does not depend on how many sets or elements the batch
/// has.
/// </content>
public sealed partial class FirewallCodec
{
    private const int NestHeaderBytes = 4; // struct nlattr
    private const ushort NestedFlag = 0x8000; // NLA_F_NESTED

    private readonly Dictionary<(string Table, string Set), int> _groupOf = [];
    private readonly List<ElementGroup> _groups = [];
    private int[] _nextOfGroup = [];
    private byte[]? _nest;

    private static bool IsSameSet(FirewallElementState left, FirewallElementState right) =>
        left.Set == right.Set && left.Table == right.Table;

    private void EncodeElements(
        ref NetlinkWriter writer, IReadOnlyList<KernelOperation> operations, int start, int end, ReadOnlySpan<bool> isSkipped)
    {
        // Out before in: an element whose value changes is both, and a range may only come where another one went.
        EncodeGroups(ref writer, operations, start, end, isSkipped, isDeletion: true);
        EncodeGroups(ref writer, operations, start, end, isSkipped, isDeletion: false);
    }

    private static FirewallElementState? ElementOf(KernelOperation operation, bool isDeletion) => operation.Verb switch
    {
        OperationVerb.Delete => isDeletion ? (FirewallElementState?)operation.Before : null,
        OperationVerb.Change => (FirewallElementState?)(isDeletion ? operation.Before : operation.After),
        _ => isDeletion ? null : (FirewallElementState?)operation.After,
    };

    private void EncodeGroups(
        ref NetlinkWriter writer,
        IReadOnlyList<KernelOperation> operations,
        int start,
        int end,
        ReadOnlySpan<bool> isSkipped,
        bool isDeletion)
    {
        Group(operations, start, end, isSkipped, isDeletion);
        foreach (var group in _groups)
        {
            EncodeGroup(ref writer, operations, group.First, start, isDeletion);
            if (_problem is not null)
            {
                return;
            }
        }
    }

    private void Group(
        IReadOnlyList<KernelOperation> operations, int start, int end, ReadOnlySpan<bool> isSkipped, bool isDeletion)
    {
        _groupOf.Clear();
        _groups.Clear();
        if (_nextOfGroup.Length < end - start)
        {
            ReturnGroups();
            _nextOfGroup = ArrayPool<int>.Shared.Rent(end - start);
        }

        FirewallElementState? previous = null;
        var current = -1;
        for (var i = start; i < end; i++)
        {
            if (IsSkipped(isSkipped, i) || ElementOf(operations[i], isDeletion) is not { } element)
            {
                continue;
            }

            _nextOfGroup[i - start] = -1;
            if (previous is null || !IsSameSet(previous, element))
            {
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _groupOf, (element.Table, element.Set), out var isKnown);
                if (!isKnown)
                {
                    known = _groups.Count;
                    _groups.Add(new ElementGroup(i, -1));
                }

                current = known;
            }

            previous = element;
            var group = _groups[current];
            if (group.Last >= 0)
            {
                _nextOfGroup[group.Last - start] = i;
            }

            _groups[current] = group with { Last = i };
        }
    }

    private void EncodeGroup(
        ref NetlinkWriter writer, IReadOnlyList<KernelOperation> operations, int first, int start, bool isDeletion)
    {
        _nest ??= GC.AllocateUninitializedArray<byte>(FirewallWire.NestBytesMax);
        var nest = new FirewallNestWriter(_nest);
        WriterMark message = default;
        for (var i = first; i >= 0; i = _nextOfGroup[i - start])
        {
            var element = ElementOf(operations[i], isDeletion)!; // the group holds only such
            if (nest.Position > 0 && MustClose(nest.Position, element, isDeletion))
            {
                EndElements(ref writer, message, nest);
                nest = new FirewallNestWriter(_nest);
            }

            if (nest.Position == 0)
            {
                message = BeginElements(ref writer, element, isDeletion);
            }

            Batch.SwitchOperation(writer.Position + NestHeaderBytes + nest.Position, i);
            var isInterval = _intervalSets.Contains((element.Table, element.Set));
            if (FirewallElementWriter.Put(ref nest, element, isDeletion, isInterval) is { } problem)
            {
                _problem = new FirewallProblem(i, problem);
                return;
            }
        }

        EndElements(ref writer, message, nest);
    }

    // Without DESTROY each deletion travels alone: the kernel stops at the first absent element of a message.
    private bool MustClose(int nestBytes, FirewallElementState element, bool isDeletion) =>
        (isDeletion && !UsesDestroy)
        || NestHeaderBytes + nestBytes + FirewallMeasure.Element(element) > FirewallWire.NestBytesMax;

    private WriterMark BeginElements(ref NetlinkWriter writer, FirewallElementState element, bool isDeletion)
    {
        var message = Batch.BeginMessage(
            ref writer,
            isDeletion ? Deletion(FirewallMessageType.DeleteSetElement) : FirewallMessageType.NewSetElement,
            isDeletion ? NetlinkFlags.None : NewFlags,
            operation: null);
        writer.PutString((ushort)FirewallElementListAttribute.Table, element.Table);
        writer.PutString((ushort)FirewallElementListAttribute.Set, element.Set);
        return message;
    }

    private static void EndElements(ref NetlinkWriter writer, WriterMark message, in FirewallNestWriter nest)
    {
        writer.PutBytes((ushort)FirewallElementListAttribute.Elements | NestedFlag, nest.Written);
        writer.EndMessage(message);
    }

    private void ReturnGroups()
    {
        if (_nextOfGroup.Length > 0)
        {
            ArrayPool<int>.Shared.Return(_nextOfGroup);
            _nextOfGroup = [];
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct ElementGroup(int First, int Last);
}
