using Networking.Kernel;

namespace Networking.Netlink;

/// <content>
/// Our rule in a foreign chain. It is written with native expressions in the order in which iptables-nft writes its own
/// (marks, counter, verdict), so that iptables lists it as <c>-m mark --mark X/X -m comment -j ACCEPT</c>.
/// </content>
public sealed partial class FirewallCodec
{
    /// <summary>Handles of our rules in foreign chains, as read just before: what a deletion takes out.</summary>
    internal Dictionary<ObjectKey, List<ulong>> AdmissionHandles { get; } = [];

    private void EncodeAdmissions(
        ref NetlinkWriter writer, IReadOnlyList<KernelOperation> operations, int start, int end, ReadOnlySpan<bool> isSkipped)
    {
        for (var i = start; i < end && _problem is null; i++)
        {
            if (IsSkipped(isSkipped, i))
            {
                continue;
            }

            var admission = (ForeignAdmissionState)operations[i].Target;
            if (FirewallWire.FamilyOf(admission.Family) is not { } family)
            {
                _problem = new FirewallProblem(i, $"'{admission.Family}' is no family whose packets are forwarded by IP");
                return;
            }

            if (operations[i].Verb != OperationVerb.Create)
            {
                PutRemovals(ref writer, admission, family, i);
            }

            if (operations[i].Verb != OperationVerb.Delete)
            {
                PutAdmission(ref writer, admission, family, i);
            }
        }
    }

    // Without NLM_F_APPEND a rule stands at the head of its chain.
    private void PutAdmission(ref NetlinkWriter writer, ForeignAdmissionState admission, byte family, int index)
    {
        if (admission.Mark == 0)
        {
            _problem = new FirewallProblem(index, "a mark of zero would admit every packet");
            return;
        }

        var message = Batch.BeginMessage(ref writer, FirewallMessageType.NewRule, NetlinkFlags.Create, index, family);
        writer.PutString((ushort)FirewallRuleAttribute.Table, admission.Table);
        writer.PutString((ushort)FirewallRuleAttribute.Chain, admission.Chain);
        _ = FirewallRuleWriter.Put(
            ref writer, [new MatchMark(admission.Mark), new Counter(), new Verdict(FirewallVerdict.Accept)]);
        FirewallUserData.PutRule(ref writer, Ownership.AdmissionComment);
        writer.EndMessage(message);
    }

    private void PutRemovals(ref NetlinkWriter writer, ForeignAdmissionState admission, byte family, int index)
    {
        foreach (var handle in AdmissionHandles.GetValueOrDefault(admission.Key) ?? [])
        {
            var message = Batch.BeginMessage(
                ref writer, Deletion(FirewallMessageType.DeleteRule), NetlinkFlags.None, index, family);
            writer.PutString((ushort)FirewallRuleAttribute.Table, admission.Table);
            writer.PutString((ushort)FirewallRuleAttribute.Chain, admission.Chain);
            writer.PutUInt64BigEndian((ushort)FirewallRuleAttribute.Handle, handle);
            writer.EndMessage(message);
        }
    }
}
