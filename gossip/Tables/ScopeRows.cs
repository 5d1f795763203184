using Networking.Gossip.Membership;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tables;

/// <summary>A scope this node takes part in: its rows by owner, and what of them is still to tell.</summary>
internal sealed class ScopeRows(ScopeId scope, GossipOptions options)
{
    public ScopeId Scope { get; } = scope;

    /// <summary>The key of the rows that say who is attached to it; looked for with each row that arrives.</summary>
    public RowKey AttachmentKey { get; } = Attachments.KeyOf(scope);

    public SortedDictionary<NodeId, OwnerRows> Owners { get; } = [];

    public BroadcastQueue<(NodeId Owner, RowKey Key)> Queue { get; } = new(options.QueueMax, options.Planted == PlantedBug.QueueNeverRetires);

    /// <summary>When a row came or went last: while much changes, states differ for good reason.</summary>
    public TimeSpan ChangedAt { get; set; } = TimeSpan.MinValue;

    /// <summary>True until the first comparison with somebody attached: what is here may be nearly nothing.</summary>
    public bool IsNew { get; set; } = true;

    public ulong Digest
    {
        get
        {
            var sum = 0UL;
            foreach (var (owner, rows) in Owners)
            {
                sum += rows.SharedDigest == 0 ? 0 : Hashing.Mix(owner.Value, rows.SharedDigest);
            }

            return sum;
        }
    }
}
