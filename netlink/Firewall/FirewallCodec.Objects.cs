using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netlink;

/// <content>Tables, sets and chains.</content>
public sealed partial class FirewallCodec
{
    private const NetlinkFlags NewFlags = NetlinkFlags.Create | NetlinkFlags.Exclusive;
    private const uint PolicyAccept = 1; // NF_ACCEPT

    private static void PutFields(ref NetlinkWriter writer, ImmutableArray<FirewallType> types)
    {
        var description = writer.BeginNest((ushort)FirewallSetAttribute.Description);
        var concatenation = writer.BeginNest((ushort)FirewallSetDescriptionAttribute.Concatenation);
        foreach (var type in types)
        {
            var field = writer.BeginNest((ushort)FirewallListAttribute.Element);
            writer.PutUInt32BigEndian((ushort)FirewallSetFieldAttribute.Length, (uint)FirewallValueCodec.LengthOf(type));
            writer.EndNest(field);
        }

        writer.EndNest(concatenation);
        writer.EndNest(description);
    }

    // nft's number of a concatenation: six bits for each part.
    private static uint NumberOf(ImmutableArray<FirewallType> types)
    {
        var number = 0u;
        foreach (var type in types)
        {
            number = (number << FirewallWire.TypeBits) | (uint)type;
        }

        return number;
    }

    private static string? ProblemOf(FirewallSetState set)
    {
        if (set.KeyTypes.IsDefaultOrEmpty || set.KeyTypes.Any(static t => FirewallValueCodec.LengthOf(t) == 0))
        {
            return "a key part has no type that can be looked up";
        }

        if (FirewallValueCodec.LengthOf(set.KeyTypes) > FirewallValueCodec.KeyBytesMax)
        {
            return $"its key is longer than {FirewallValueCodec.KeyBytesMax} bytes";
        }

        if (set.IsInterval && set.KeyTypes is [var only] && !FirewallValueCodec.IsOrdered(only))
        {
            return $"ranges of {only} mean nothing: its bytes are in host order";
        }

        if (set.ValueTypes is [] or [FirewallType.Verdict])
        {
            return null;
        }

        return set.ValueTypes.All(static t => FirewallValueCodec.LengthOf(t) > 0)
            && FirewallValueCodec.LengthOf(set.ValueTypes) <= FirewallValueCodec.KeyBytesMax
            ? null
            : $"values of type {string.Join(" . ", set.ValueTypes)} are not supported";
    }

    /// <summary>Remembers whether the elements of a set must be ranges.</summary>
    internal void RememberShape(FirewallSetState set)
    {
        if (set.IsInterval && set.KeyTypes.Length == 1)
        {
            _intervalSets.Add((set.Table, set.Name));
        }
        else
        {
            _intervalSets.Remove((set.Table, set.Name));
        }
    }

    /// <summary>Forgets the shapes of all sets: what was observed takes their place.</summary>
    internal void ForgetShapes() => _intervalSets.Clear();

    private void PutTable(ref NetlinkWriter writer, FirewallMessageType type, FirewallTableState table, int index)
    {
        var isNew = type == FirewallMessageType.NewTable;
        var message = Batch.BeginMessage(ref writer, type, isNew ? NewFlags : NetlinkFlags.None, index);
        writer.PutString((ushort)FirewallTableAttribute.Name, table.Name);
        if (isNew)
        {
            writer.PutUInt32BigEndian((ushort)FirewallTableAttribute.Flags, 0);
        }

        writer.EndMessage(message);
    }

    private void PutNewSet(ref NetlinkWriter writer, FirewallSetState set, int index)
    {
        if (ProblemOf(set) is { } problem)
        {
            _problem = new FirewallProblem(index, problem);
            return;
        }

        var isConcatenation = set.KeyTypes.Length > 1;
        var flags = set.ValueTypes.IsEmpty ? FirewallSetFlags.None : FirewallSetFlags.Map;
        if (set.IsInterval)
        {
            flags |= FirewallSetFlags.Interval | (isConcatenation ? FirewallSetFlags.Concatenation : FirewallSetFlags.None);
        }

        RememberShape(set);
        var message = Batch.BeginMessage(ref writer, FirewallMessageType.NewSet, NewFlags, index);
        writer.PutString((ushort)FirewallSetAttribute.Table, set.Table);
        writer.PutString((ushort)FirewallSetAttribute.Name, set.Name);
        writer.PutUInt32BigEndian((ushort)FirewallSetAttribute.Flags, (uint)flags);
        writer.PutUInt32BigEndian((ushort)FirewallSetAttribute.KeyType, NumberOf(set.KeyTypes));
        writer.PutUInt32BigEndian((ushort)FirewallSetAttribute.KeyLength, (uint)FirewallValueCodec.LengthOf(set.KeyTypes));
        if (!set.ValueTypes.IsEmpty)
        {
            var dataType = set.ValueTypes is [FirewallType.Verdict] ? FirewallWire.VerdictType : NumberOf(set.ValueTypes);
            var dataLength = (uint)FirewallValueCodec.LengthOf(set.ValueTypes);
            writer.PutUInt32BigEndian((ushort)FirewallSetAttribute.DataType, dataType);
            writer.PutUInt32BigEndian((ushort)FirewallSetAttribute.DataLength, dataLength);
        }

        // The kernel demands an id for use inside the transaction; we refer by name and only keep it unique.
        writer.PutUInt32BigEndian((ushort)FirewallSetAttribute.Id, (uint)Batch.MessageCount);
        if (set.IsInterval && isConcatenation)
        {
            // Only the interval backend (pipapo) compares field by field; a hash takes the key as one string of bytes,
            // and the kernel refuses a description without NFT_SET_CONCAT.
            PutFields(ref writer, set.KeyTypes);
        }

        FirewallUserData.PutSet(
            ref writer,
            FirewallValueCodec.ByteOrderOf(set.KeyTypes),
            set.ValueTypes.IsEmpty ? null : FirewallValueCodec.ByteOrderOf(set.ValueTypes));
        writer.EndMessage(message);
    }

    private void PutDeleteSet(ref NetlinkWriter writer, FirewallSetState set, int index)
    {
        var message = Batch.BeginMessage(ref writer, Deletion(FirewallMessageType.DeleteSet), NetlinkFlags.None, index);
        writer.PutString((ushort)FirewallSetAttribute.Table, set.Table);
        writer.PutString((ushort)FirewallSetAttribute.Name, set.Name);
        writer.EndMessage(message);
    }

    private void EncodeChains(
        ref NetlinkWriter writer, IReadOnlyList<KernelOperation> operations, int start, int end, ReadOnlySpan<bool> isSkipped)
    {
        for (var phase = 0; phase < 4; phase++)
        {
            for (var i = start; i < end && _problem is null; i++)
            {
                if (!IsSkipped(isSkipped, i))
                {
                    EncodeChain(ref writer, operations[i], (FirewallChainState)operations[i].Target, i, phase);
                }
            }
        }
    }

    private void EncodeChain(
        ref NetlinkWriter writer, KernelOperation operation, FirewallChainState chain, int index, int phase)
    {
        switch (phase, operation.Verb)
        {
            case (0, OperationVerb.Change):
                PutFlush(ref writer, FirewallMessageType.DeleteRule, chain, index);
                break;
            case (0, OperationVerb.Delete):
                PutFlush(ref writer, Deletion(FirewallMessageType.DeleteRule), chain, index);
                break;
            case (1, OperationVerb.Delete):
                PutChain(ref writer, Deletion(FirewallMessageType.DeleteChain), chain, index);
                break;
            case (2, OperationVerb.Create):
                PutChain(ref writer, FirewallMessageType.NewChain, chain, index);
                break;
            case (3, OperationVerb.Create or OperationVerb.Change):
                foreach (var rule in chain.Rules)
                {
                    PutRule(ref writer, chain, rule, index);
                }

                break;
            default:
                break;
        }
    }

    // A chain without a rule named flushes it.
    private void PutFlush(ref NetlinkWriter writer, FirewallMessageType type, FirewallChainState chain, int index)
    {
        var message = Batch.BeginMessage(ref writer, type, NetlinkFlags.None, index);
        writer.PutString((ushort)FirewallRuleAttribute.Table, chain.Table);
        writer.PutString((ushort)FirewallRuleAttribute.Chain, chain.Name);
        writer.EndMessage(message);
    }

    private void PutChain(ref NetlinkWriter writer, FirewallMessageType type, FirewallChainState chain, int index)
    {
        var isNew = type == FirewallMessageType.NewChain;
        var message = Batch.BeginMessage(ref writer, type, isNew ? NewFlags : NetlinkFlags.None, index);
        writer.PutString((ushort)FirewallChainAttribute.Table, chain.Table);
        writer.PutString((ushort)FirewallChainAttribute.Name, chain.Name);
        if (isNew && chain.Base is { } hook)
        {
            writer.PutString((ushort)FirewallChainAttribute.Type, hook.Type);
            writer.PutUInt32BigEndian((ushort)FirewallChainAttribute.Policy, PolicyAccept);
            var nest = writer.BeginNest((ushort)FirewallChainAttribute.Hook);
            writer.PutUInt32BigEndian((ushort)FirewallHookAttribute.Number, (uint)hook.Hook);
            writer.PutUInt32BigEndian((ushort)FirewallHookAttribute.Priority, unchecked((uint)hook.Priority));
            if (hook.Device is { } device)
            {
                writer.PutString((ushort)FirewallHookAttribute.Device, device);
            }

            writer.EndNest(nest);
        }

        writer.EndMessage(message);
    }

    private void PutRule(ref NetlinkWriter writer, FirewallChainState chain, FirewallRule rule, int index)
    {
        if (!FirewallUserData.Fits(rule.Comment))
        {
            _problem = new FirewallProblem(
                index, $"the comment of rule '{rule.Comment}' is longer than {FirewallUserData.CommentBytesMax} bytes");
            return;
        }

        var message = Batch.BeginMessage(
            ref writer, FirewallMessageType.NewRule, NetlinkFlags.Create | NetlinkFlags.Append, index);
        writer.PutString((ushort)FirewallRuleAttribute.Table, chain.Table);
        writer.PutString((ushort)FirewallRuleAttribute.Chain, chain.Name);
        if (FirewallRuleWriter.Put(ref writer, rule.Expressions) is { } problem)
        {
            _problem = new FirewallProblem(index, $"rule '{rule.Comment}': {problem}");
            return;
        }

        FirewallUserData.PutRule(ref writer, rule.Comment);
        writer.EndMessage(message);
    }
}
