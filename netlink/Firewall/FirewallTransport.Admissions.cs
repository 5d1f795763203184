using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <content>
/// Our rules in foreign chains. They are looked for in the forward chains of all tables, in chains named DOCKER-USER, and
/// where they are wanted; so a reading costs what those few chains hold, however many tables there are. It is made only
/// while there may be some: the first time, when some are wanted, and as long as the last look or a batch showed any.
/// </content>
public sealed partial class FirewallTransport
{
    private bool _mayHaveAdmissions = true;

    /// <summary>Reads our rules in foreign chains, if there may be any.</summary>
    /// <returns>False if a change came in between.</returns>
    private bool TryReadAdmissions(NetNs ns, IReadOnlyCollection<ForeignAdmissionState> wanted, List<KernelObject> objects)
    {
        if (!_mayHaveAdmissions && wanted.Count == 0)
        {
            return true;
        }

        var places = new HashSet<(byte Family, string Name, string Table, string Chain)>();
        foreach (var admission in wanted)
        {
            if (FirewallWire.FamilyOf(admission.Family) is { } family)
            {
                _ = places.Add((family, admission.Family, admission.Table, admission.Chain));
            }
        }

        var isComplete = TryReadForeignChains((number, name, chain) =>
        {
            if (places.Count < ForeignChainsMax && (chain.Base is { Hook: FirewallHook.Forward } || chain.Name == UserChain))
            {
                _ = places.Add((number, name, chain.Table, chain.Name));
            }
        });
        if (!isComplete)
        {
            return false;
        }

        var found = 0;
        foreach (var (family, name, table, chain) in places)
        {
            ForeignAdmissionState? first = null;
            if (!TryReadForeignRules(family, table, chain, rule =>
            {
                // More than one of ours is as good as the first; all of them go when it goes.
                first ??= new ForeignAdmissionState { Namespace = ns, Family = name, Table = table, Chain = chain, Mark = rule.Mark };
            }))
            {
                return false;
            }

            if (first is not null)
            {
                objects.Add(first);
                found++;
            }
        }

        _mayHaveAdmissions = found > 0;
        return true;
    }

    // What is taken out is known by the handles it has at this moment; what goes before the batch comes is absent, which is fine.
    private void FindHandles(IReadOnlyList<KernelOperation> operations)
    {
        _codec.AdmissionHandles.Clear();
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i].Target is not ForeignAdmissionState admission)
            {
                continue;
            }

            _mayHaveAdmissions = true;
            if (operations[i].Verb == OperationVerb.Create || FirewallWire.FamilyOf(admission.Family) is not { } family)
            {
                continue;
            }

            _codec.AdmissionHandles[admission.Key] = HandlesOf(admission, family);
        }
    }

    // By itself, so that operations without a rule of ours cost no closure.
    private List<ulong> HandlesOf(ForeignAdmissionState admission, byte family)
    {
        var handles = Attempt($"look for our rules in chain {admission.Table} {admission.Chain}", () =>
        {
            var found = new List<ulong>();
            return TryReadForeignRules(family, admission.Table, admission.Chain, rule => found.Add(rule.Handle)) ? found : null;
        });
        handles.RemoveRange(Math.Min(handles.Count, FirewallMeasure.AdmissionsMax), Math.Max(0, handles.Count - FirewallMeasure.AdmissionsMax));
        return handles;
    }

    // A table or chain that is not there has no rules; the kernel says no more than that.
    private bool TryReadForeignRules(byte family, string table, string chain, Action<FirewallForeignRule> take) =>
        TryReadRulesOf(family, table, chain, attributes =>
        {
            var rule = FirewallForeignRule.Read(attributes);
            if (rule.Comment == Ownership.AdmissionComment)
            {
                take(rule);
            }
        });
}
