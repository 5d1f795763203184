using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;
using Networking.Model.Wire;

namespace Networking.Gossip;

/// <summary>Datagrams: probes, and news in what room is left.</summary>
public sealed partial class GossipNode
{
    private const int PacketsPerPeerMax = 8;
    private const int RowsPerPacketMax = 127; // the count is one byte then

    private readonly WireWriter _writer = new(WireLimits.ConversationBytesMax);
    private readonly List<Message> _messages = [];
    private readonly List<Member> _peers = [];
    private int _packetBytes;

    private int PacketRoom => _packetBytes - WireLimits.FrameOverheadBytes;

    private void Receive(PeerAddress from, ReadOnlySpan<byte> bytes)
    {
        if (Open(FrameKind.Packet, bytes, from) is not { } sender)
        {
            return;
        }

        // A step may send, and sending reads nothing from here: the list is this packet's until the end.
        foreach (var message in _messages)
        {
            Hear(message, sender, from);
        }

        HearFrom(sender, from);
    }

    /// <summary>Opens a frame into <see cref="_messages"/>: who sent it, or null if it is dropped.</summary>
    private NodeId? Open(FrameKind kind, ReadOnlySpan<byte> bytes, PeerAddress from)
    {
        var frame = _frames.Open(kind, bytes);
        var refusal = frame.Refusal;
        if (refusal == WireRefusal.None && !MessageReader.TryRead(frame.Body.Span, _messages, _context.Memo))
        {
            refusal = WireRefusal.Malformed;
        }

        if (refusal is WireRefusal.Replayed or WireRefusal.Reflected)
        {
            _context.Count(GossipTrouble.BadFrame); // the network does that by itself
            return null;
        }

        if (refusal != WireRefusal.None)
        {
            _context.Report(GossipTrouble.BadFrame, $"{from.Host} {refusal}", $"{bytes.Length} bytes from {from} are dropped: {Explain(refusal)}");
            return null;
        }

        if (frame.Sender == Id)
        {
            _context.Report(GossipTrouble.DuplicateNode, from.Host, $"A second node with the id {Id} sends from {from}; this one is at {Address}. Give one a state directory of its own.");
            return null;
        }

        return frame.Sender;
    }

    private static string Explain(WireRefusal refusal) => refusal switch
    {
        WireRefusal.UnknownVersion => $"another version of the format; this build reads {WireLimits.Version}.",
        WireRefusal.UnknownKey => "sealed with a key that is not in the ring. Compare: netctl cluster keys.",
        WireRefusal.Forged => "the seal does not fit: changed on the way, or forged.",
        WireRefusal.Malformed => "sealed rightly, but not as the format says.",
        _ => $"{refusal}.",
    };

    private void Hear(Message message, NodeId sender, PeerAddress from)
    {
        switch (message)
        {
            case PingMessage ping when ping.Target == Id:
                SendMessage(from, new AckMessage(ping.Sequence), null);
                break;
            case AckMessage ack:
                _prober.HearAck(ack.Sequence, sender, isByStream: false);
                _relays.HearAck(ack.Sequence, sender);
                break;
            case NackMessage nack:
                _prober.HearNack(nack.Sequence, sender);
                break;
            case PingRequestMessage request:
                _relays.Begin(request, from);
                break;
            case MemberMessage member:
                _members.Apply(member.Fact, isSecondHand: false);
                break;
            case RowsMessage rows:
                _tables.Apply(rows, sender);
                break;
            case SummaryMessage summary:
                HearSummary(summary, from);
                break;
            default:
                break; // a ping for another, or what belongs into a conversation
        }
    }

    /// <summary>Somebody who is believed failed, and speaks, is told; somebody unknown is asked who is there.</summary>
    private void HearFrom(NodeId sender, PeerAddress from)
    {
        if (_members.Roster.Find(sender) is not { } member)
        {
            if (_context.Now >= _meetAt)
            {
                _meetAt = _context.Now + _context.Options.ProbeInterval;
                Converse(from);
            }
        }
        else if (_members.Objection(member) is { } objection)
        {
            _writer.Clear();
            MessageWriter.PutFact(_writer, objection);
            SendWriter(from);
        }
    }

    private void SendMessage(PeerAddress to, Message message, MemberFact? first)
    {
        _writer.Clear();
        if (first is { } fact)
        {
            MessageWriter.PutFact(_writer, fact);
        }

        MessageWriter.Put(_writer, message);
        FillMembers();
        SendWriter(to);
    }

    private void Gossip()
    {
        var cluster = _tables.Find(ScopeId.Cluster)!; // always there
        if (_members.Queue.Count > 0 || cluster.Queue.Count > 0)
        {
            _members.Roster.Pick(_context.Random, _context.Options.GossipFanout, IsToldNews, _peers);
            _peers.ForEach(peer => TellScope(peer, cluster, _members.Roster.ClusterSize));
        }

        foreach (var scope in _tables.Scopes)
        {
            if (scope.Scope.IsCluster || scope.Queue.Count == 0)
            {
                continue;
            }

            PickAttached(scope.Scope, _context.Options.GossipFanout);
            _peers.ForEach(peer => TellScope(peer, scope, _tables.Attachments.Of(scope.Scope).Count));
            if (_peers.Count == 0)
            {
                scope.Queue.Clear(); // nobody to tell: who comes later compares
            }
        }

        if (_members.Roster.Others.Count == 0)
        {
            _members.Queue.Clear();
            cluster.Queue.Clear();
        }
    }

    private bool IsToldNews(Member member) =>
        member.IsReachable || (member.Status == MemberStatus.Failed && _context.Now - member.Since < _context.Options.GossipToFailed);

    /// <summary>Up to <paramref name="count"/> reachable nodes attached to a scope, in <see cref="_peers"/>.</summary>
    private void PickAttached(ScopeId scope, int count)
    {
        _peers.Clear();
        var attached = _tables.Attachments.Of(scope);
        var start = attached.Count == 0 ? 0 : _context.Random.Next(attached.Count);
        var stride = attached.Count <= count + 1 ? 1 : 1 + _context.Random.Next(Math.Max(1, (attached.Count / (count + 1)) - 1));
        for (var i = 0; i < attached.Count && _peers.Count < count; i++)
        {
            var at = (start + (int)((long)i * stride % attached.Count)) % attached.Count;
            if (_members.Roster.Find(attached[at]) is { IsReachable: true } member && !_peers.Contains(member))
            {
                _peers.Add(member);
            }
        }
    }

    private void TellScope(Member peer, ScopeRows scope, int audience)
    {
        for (var packets = 0; packets < PacketsPerPeerMax; packets++)
        {
            _writer.Clear();
            FillMembers();
            FillRows(scope, audience);
            var length = _writer.Length;
            if (length == 0)
            {
                return;
            }

            SendWriter(peer.Info.Address);
            if (length < PacketRoom * 3 / 4)
            {
                return;
            }
        }
    }

    private void FillMembers() => _members.Queue.FillInto(_writer, PacketRoom, MemberBook.Tellings(_context.Options, _members.Roster.ClusterSize));

    private void FillRows(ScopeRows scope, int audience)
    {
        var start = _writer.Length;
        MessageWriter.PutRowsHead(_writer, scope.Scope);
        var countAt = _writer.Length;
        _writer.PutByte(0);
        var count = scope.Queue.FillInto(_writer, PacketRoom, MemberBook.Tellings(_context.Options, audience), RowsPerPacketMax);
        if (count == 0)
        {
            _writer.CutTo(start);
            return;
        }

        _writer.PatchByte(countAt, (byte)count);
    }

    private void SendWriter(PeerAddress to) => _context.Emit(new GossipEffect.SendPacket(to, _frames.Seal(FrameKind.Packet, _writer.Written)));
}
