using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <content>
/// Who has an object of a name, or is about to. Of two scopes one waits: what the kernel keeps in iptables would be made twice
/// without a word, and both would believe that it is theirs.
/// </content>
public sealed partial class Reconciler
{
    private readonly Dictionary<ObjectKey, ScopeId> _makers = []; // whose creation of it is under way

    private string? NameKeeper(ScopeEntry entry, KernelPlan plan)
    {
        foreach (var operation in plan.Operations)
        {
            if (operation.Verb == OperationVerb.Create && KeeperOf(entry, operation.Key) is { } keeper)
            {
                AddTo(_waitingForObject, operation.Key, entry.Id);
                return $"waits for {keeper} to give up {operation.Target.Describe()}";
            }
        }

        return null;
    }

    private ScopeId? KeeperOf(ScopeEntry entry, ObjectKey key) =>
        (_holders.TryGetValue(key, out var keeper) || _makers.TryGetValue(key, out keeper)) && keeper != entry.Id ? keeper : null;

    private void BeginMaking(ScopeEntry entry, ImmutableArray<KernelOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Verb == OperationVerb.Create)
            {
                Invariant.Check(_makers.TryAdd(operation.Key, entry.Id), $"{operation.Key} is being made for {entry.Id} and for another");
            }
        }
    }

    // Whoever waits looks again, also after a refusal.
    private void EndMaking(ImmutableArray<KernelOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Verb == OperationVerb.Create)
            {
                _ = _makers.Remove(operation.Key);
                Wake(operation.Key);
            }
        }
    }
}
