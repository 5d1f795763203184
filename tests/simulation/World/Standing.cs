using Networking.Gossip;
using Networking.Gossip.Wire;
using Networking.Model.Wire;

namespace Networking.Simulation.Tests.World;

/// <summary>
/// A cluster that stands already. To let every node tell every other of itself, as in <see cref="ScaleTests"/> smaller ones do, takes time
/// with the square of their number. Here each starts alone, and then reads what all say of themselves, once: sealed frames of real messages,
/// as one member might send them. What it has read it takes for told.
/// </summary>
internal sealed class Standing(Cluster cluster, Func<SimulatedNode, ScopeId> networkOf)
{
    private const int FrameBytes = 16 * 1024;

    private readonly WireWriter _writer = new(2 * FrameBytes);
    private ulong _tellings;

    public void Begin()
    {
        foreach (var node in cluster.Nodes)
        {
            cluster.Queue.At(TimeSpan.FromSeconds(1.0 * node.Number / cluster.Nodes.Length), () => node.Start(cluster.Ring, []));
        }

        cluster.Queue.RunTo(TimeSpan.FromSeconds(2)); // alone, with nobody to tell
        var everybody = cluster.Nodes.Select(static n => (Message)new MemberMessage(n.Process.Self));
        var attachments = Rows(ScopeId.Cluster, cluster.Nodes);
        var (byFirst, bySecond) = (Frames(cluster.Nodes[0], [.. everybody, .. attachments]), Frames(cluster.Nodes[1], [.. everybody, .. attachments]));
        foreach (var network in cluster.Nodes.GroupBy(networkOf))
        {
            var teller = network.First();
            var frames = Frames(teller, Rows(network.Key, network));
            foreach (var node in network)
            {
                var isFirst = node == cluster.Nodes[0];
                Tell(node, isFirst ? bySecond : byFirst, cluster.Nodes[isFirst ? 1 : 0]);
                Tell(node, node == teller ? Frames(network.Last(), Rows(network.Key, network)) : frames, node == teller ? network.Last() : teller);
                node.Process.DropNews();
            }
        }
    }

    private static void Tell(SimulatedNode node, List<byte[]> frames, SimulatedNode teller) => frames.ForEach(f => node.Step(new GossipInput.Packet(teller.Address, f)));

    private static IEnumerable<Message> Rows(ScopeId scope, IEnumerable<SimulatedNode> nodes) =>
        nodes.SelectMany(n => n.Process.OwnRows(scope)).Chunk(100).Select(rows => new RowsMessage(scope, [.. rows]));

    private List<byte[]> Frames(SimulatedNode teller, IEnumerable<Message> messages)
    {
        var codec = new FrameCodec(teller.Id, cluster.Ring, () => ++_tellings);
        var frames = new List<byte[]>();
        _writer.Clear();
        foreach (var message in messages)
        {
            MessageWriter.Put(_writer, message);
            if (_writer.Length >= FrameBytes)
            {
                frames.Add(codec.Seal(FrameKind.Packet, _writer.Written));
                _writer.Clear();
            }
        }

        frames.Add(codec.Seal(FrameKind.Packet, _writer.Written));
        return frames;
    }
}
