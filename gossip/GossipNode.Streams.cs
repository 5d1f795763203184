using System.Collections.Immutable;
using Networking.Gossip.Membership;
using Networking.Gossip.Sync;
using Networking.Gossip.Wire;

namespace Networking.Gossip;

/// <summary>Conversations: comparing state with another node, and probes where datagrams do not pass.</summary>
public sealed partial class GossipNode
{
    private const int TurnsMax = 8;
    private const int FrameTarget = 128 * 1024;
    private const int SeedEvery = 12;
    private const int StrangersPerHostMax = 16;
    private static readonly TimeSpan ChangeSettles = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<int, Conversation> _streams = [];
    private readonly List<Message> _reply = [];
    private ImmutableArray<PeerAddress> _seeds = [];
    private int _lastStream;
    private int _postponed;
    private int _reconnects;
    private TimeSpan _meetAt;

    private void Join(ImmutableArray<PeerAddress> seeds)
    {
        _seeds = [.. seeds.Where(s => s != Address)];
        BeginListening();
        foreach (var seed in _seeds.Take(_context.Options.GossipFanout))
        {
            Converse(seed);
        }
    }

    private void Accept(int stream, PeerAddress from)
    {
        // Strangers do not take the places of one's own conversations, nor one of them those of all others.
        var most = Math.Max(1, _context.Options.StreamsMax * 3 / 4);
        if (_streams.Count >= most || _streams.Values.Count(s => !s.IsOurs && s.PeerId.IsNone && s.Peer.IsHostOf(from)) >= StrangersPerHostMax)
        {
            _context.Report(GossipTrouble.BoundReached, $"streams {from.Host}", $"{_streams.Count} conversations at a time, of {_context.Options.StreamsMax}: {from} is turned away, and will come again.");
            _context.Emit(new GossipEffect.CloseStream(stream));
            return;
        }

        _streams.Add(stream, new Conversation(stream, from, isOurs: false, _context.Now));
    }

    /// <summary>Opens a conversation that compares everything; one at a time with an address.</summary>
    private void Converse(PeerAddress to)
    {
        if (_streams.Count < _context.Options.StreamsMax && !_streams.Values.Any(s => s.IsOurs && s.Peer == to && !s.IsProbe))
        {
            _reply.Clear();
            _reply.Add(_comparison.Opening());
            Say(OpenStream(to), _reply);
        }
    }

    private void TryStream(Member member, PingMessage ping)
    {
        if (_streams.Count < _context.Options.StreamsMax)
        {
            var conversation = OpenStream(member.Info.Address);
            conversation.IsProbe = true;
            Say(conversation, [ping]);
        }
    }

    private Conversation OpenStream(PeerAddress to)
    {
        _lastStream += 2;
        var conversation = new Conversation(_lastStream, to, isOurs: true, _context.Now);
        _streams.Add(_lastStream, conversation);
        _context.Emit(new GossipEffect.OpenStream(_lastStream, to));
        return conversation;
    }

    private void Receive(int stream, ReadOnlySpan<byte> bytes)
    {
        if (!_streams.TryGetValue(stream, out var conversation))
        {
            return;
        }

        if (Open(FrameKind.Stream, bytes, conversation.Peer) is not { } sender || !conversation.Hear(_messages, bytes.Length, _context.Now))
        {
            End(conversation);
            return;
        }

        conversation.PeerId = sender;
        if (!conversation.IsTurnOver)
        {
            return;
        }

        _reply.Clear();
        foreach (var message in conversation.TakeTurn())
        {
            Answer(message, sender);
        }

        if ((_reply.Count == 0 && conversation.IsOurs) || conversation.Turns >= TurnsMax)
        {
            End(conversation);
            Finish(conversation);
            return;
        }

        Say(conversation, _reply);
    }

    private void Refuse(int stream, uint length)
    {
        if (_streams.TryGetValue(stream, out var conversation))
        {
            _context.Report(
                GossipTrouble.BadFrame, $"{conversation.Peer.Host} {WireRefusal.Oversize}", $"A frame of {length} bytes announced by {conversation.Peer} is refused: 1 to {WireLimits.StreamFrameBytesMax}. Does it speak this protocol?");
            End(conversation);
        }
    }

    private void Answer(Message message, NodeId sender)
    {
        switch (message)
        {
            case PingMessage ping when ping.Target == Id:
                _reply.Add(new AckMessage(ping.Sequence));
                break;
            case AckMessage ack:
                _prober.HearAck(ack.Sequence, sender, isByStream: true);
                break;
            case MemberMessage member:
                _members.Apply(member.Fact, isSecondHand: true);
                break;
            case RowsMessage rows:
                _tables.Apply(rows, sender);
                break;
            default:
                _comparison.Answer(message, _reply);
                break;
        }
    }

    private void Say(Conversation conversation, List<Message> messages)
    {
        _writer.Clear();
        foreach (var message in messages)
        {
            MessageWriter.Put(_writer, message);
            if (_writer.Length >= FrameTarget)
            {
                SendFrame(conversation);
            }
        }

        MessageWriter.Put(_writer, new EndOfTurnMessage());
        SendFrame(conversation);
    }

    private void SendFrame(Conversation conversation)
    {
        _context.Emit(new GossipEffect.SendStream(conversation.Stream, _frames.Seal(FrameKind.Stream, _writer.Written)));
        _writer.Clear();
    }

    private void End(Conversation conversation)
    {
        if (_streams.Remove(conversation.Stream))
        {
            _context.Emit(new GossipEffect.CloseStream(conversation.Stream));
        }
    }

    /// <summary>All was compared: scopes that both take part in are no longer new here; what others have of new ones is next.</summary>
    private void Finish(Conversation conversation)
    {
        if (conversation.IsProbe)
        {
            return;
        }

        foreach (var scope in _tables.Scopes.Where(s => s.IsNew && _tables.Attachments.Has(s.Scope, conversation.PeerId)))
        {
            scope.IsNew = false;
        }

        MeetAttached();
    }

    /// <summary>Compares with somebody attached, for each scope that is new here.</summary>
    private void MeetAttached()
    {
        foreach (var scope in _tables.Scopes.Where(static s => s.IsNew))
        {
            PickAttached(scope.Scope, 1);
            _peers.ForEach(p => Converse(p.Info.Address));
        }
    }

    private void EndStaleStreams()
    {
        if (_streams.Count == 0)
        {
            return;
        }

        foreach (var conversation in _streams.Values.Where(c => _context.Now - c.LastHeard >= _context.Options.StreamTimeout).ToList())
        {
            End(conversation);
        }
    }

    /// <summary>Sends digests to one peer: of a scope picked at random, and of all others it takes part in, too.</summary>
    private void SendSummary()
    {
        MeetAttached();
        var scopes = _tables.Scopes.ToList();
        var picked = scopes[_context.Random.Next(scopes.Count)].Scope;
        if (!picked.IsCluster)
        {
            PickAttached(picked, 1);
        }

        if (picked.IsCluster || _peers.Count == 0)
        {
            _members.Roster.Pick(_context.Random, 1, static m => m.IsReachable, _peers);
        }

        if (_peers is [var peer])
        {
            SendMessage(peer.Info.Address, _comparison.Summary(peer.Id, PacketRoom / 2), null);
        }
    }

    private void HearSummary(SummaryMessage summary, PeerAddress from)
    {
        switch (_comparison.Differs(summary, ChangeSettles))
        {
            case Difference.Settled:
            case Difference.Fresh when ++_postponed >= 3:
                _postponed = 0;
                Converse(from);
                break;
            default:
                break;
        }
    }

    /// <summary>Tries somebody who failed; a seed, if nobody is left, and now and then one that is not among the members.</summary>
    private void Reconnect()
    {
        if (_context.Has(PlantedBug.NoReconnect))
        {
            return;
        }

        _reconnects++;
        var isAlone = _members.Roster.ReachableCount == 0;
        if ((isAlone || _reconnects % SeedEvery == 0) && !_seeds.IsEmpty)
        {
            var seed = _seeds[_context.Random.Next(_seeds.Length)];
            if (isAlone || !_members.Roster.Others.Any(m => m.IsReachable && m.Info.Address == seed))
            {
                Converse(seed);
            }
        }

        // All together make about one attempt for each that failed, however many they are.
        var share = (_members.Roster.FailedCount + 1.0) / (_members.Roster.ReachableCount + 1.0);
        if (_members.Roster.FailedCount == 0 || _context.Random.NextDouble() > share)
        {
            return;
        }

        _members.Roster.Pick(_context.Random, 1, static m => m.Status == MemberStatus.Failed, _peers);
        _peers.ForEach(p => Converse(p.Info.Address));
    }
}
