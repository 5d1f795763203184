using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Upper bounds of what objects take on the wire, so that a batch is written into one buffer in one pass. Generous: a
/// few unused bytes cost nothing, a buffer too short is an invariant broken.
/// </summary>
internal static class FirewallMeasure
{
    private const int MessageBytes = 64; // nlmsghdr, nfgenmsg, and the few fixed attributes
    private const int ExpressionBytes = 384; // the longest fixed ones: ip6 with its family check, masked and compared; ct state
    private const int FieldBytes = 160; // one load with its family check
    private const int SetBytes = 192;
    private const int SetFieldBytes = 16;

    /// <summary>How many of our rules in one foreign chain are taken out at once; the next reading shows what is left.</summary>
    public const int AdmissionsMax = 16;

    /// <summary>Headers of a message about a set's elements.</summary>
    public static int ElementList(FirewallElementState element) =>
        MessageBytes + Text(element.Table) + Text(element.Set);

    /// <summary>One element: both ends of a range as elements of their own, each with flags; value; comment.</summary>
    public static int Element(FirewallElementState element) =>
        (2 * (32 + FirewallValueCodec.KeyBytesMax)) + 32 + Text(element.Value) + Text(element.Comment);

    /// <summary>All messages of an operation, headers included.</summary>
    public static int Operation(KernelOperation operation)
    {
        var before = operation.Before is { } old ? Object(old) : 0;
        return before + (operation.After is { } wanted ? Object(wanted) : 0);
    }

    private static int Object(KernelObject target) => target switch
    {
        FirewallElementState element => ElementList(element) + Element(element),
        FirewallChainState chain => Chain(chain),
        FirewallSetState set => MessageBytes + SetBytes + Text(set.Table) + Text(set.Name) + (SetFieldBytes * set.KeyTypes.Length),
        FirewallTableState table => MessageBytes + Text(table.Name),
        ForeignAdmissionState admission => Admission(admission),
        _ => 0,
    };

    // Each rule of ours that an earlier one left behind is a message of its own, besides the rule that is made.
    private static int Admission(ForeignAdmissionState admission) =>
        ((AdmissionsMax + 1) * (MessageBytes + Text(admission.Table) + Text(admission.Chain)))
        + (3 * ExpressionBytes) + Text(Ownership.AdmissionComment);

    private static int Chain(FirewallChainState chain)
    {
        var header = MessageBytes + Text(chain.Table) + Text(chain.Name);

        // Three: a flush, a deletion or creation, and what belongs to a base chain.
        var bytes = (3 * header) + MessageBytes + Text(chain.Base?.Type) + Text(chain.Base?.Device);
        foreach (var rule in chain.Rules)
        {
            bytes += header + Text(rule.Comment);
            foreach (var expression in rule.Expressions)
            {
                bytes += ExpressionBytes + expression switch
                {
                    MatchSet match => (FieldBytes * match.Fields.Length) + Text(match.Set),
                    LookupVerdict lookup => (FieldBytes * lookup.Fields.Length) + Text(lookup.Map),
                    DestinationNatMap nat => (FieldBytes * nat.Fields.Length) + Text(nat.Map),
                    SourceNatMap nat => (FieldBytes * nat.Fields.Length) + Text(nat.Map),
                    Jump jump => Text(jump.Chain),
                    Goto go => Text(go.Chain),
                    _ => 0,
                };
            }
        }

        return bytes;
    }

    // UTF-8 of a UTF-16 text, the terminating zero, the attribute header, padding.
    private static int Text(string? text) => 16 + (3 * (text?.Length ?? 0));
}
