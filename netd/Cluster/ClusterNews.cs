using System.Collections.Concurrent;
using Networking.Gossip;
using Networking.Ipam.Ring;
using Networking.Netd.Events;

namespace Networking.Netd.Cluster;

/// <summary>What the node tells becomes events and log lines; of each kind of trouble the last is kept.</summary>
internal sealed class ClusterNews(EventLog events, ILogger logger)
{
    private ConcurrentDictionary<GossipTrouble, string>? _last; // made with the first: a daemon in no cluster does not load what it names

    /// <summary>The last trouble of a kind that had a name.</summary>
    public string? LastOf(GossipTrouble trouble) => _last?.GetValueOrDefault(trouble);

    /// <summary>Hears the same as this, first.</summary>
    public Action<GossipEffect> Heard { get; set; } = static _ => { };

    /// <summary>Trouble of the ring of addresses.</summary>
    public void Tell(RingEffect.Report report)
    {
        events.Add("cluster.trouble", report.Source, report.Trouble.ToString(), report.Text);
        Log.RingTrouble(logger, report.Trouble, report.Text);
    }

    public void Tell(GossipEffect effect)
    {
        Heard(effect);
        switch (effect)
        {
            case GossipEffect.MemberChanged { Status: { } status } member:
                var word = status.ToString().ToLowerInvariant();
                events.Add($"node.{word}", member.Member.ToString(), member.Address.ToString(), $"node {member.Member} at {member.Address} is {word}");
                Log.MemberChanged(logger, member.Member, member.Address, word);
                break;
            case GossipEffect.MemberChanged member:
                events.Add("node.forgotten", member.Member.ToString(), member.Address.ToString(), $"node {member.Member} is gone for long, and forgotten");
                break;
            case GossipEffect.Report report:
                (_last ??= new())[report.Trouble] = report.Text;
                events.Add("cluster.trouble", report.Source, report.Trouble.ToString(), report.Text);
                Log.ClusterTrouble(logger, report.Trouble, report.Text);
                break;
            default:
                break; // rows are followed by who writes them
        }
    }
}
