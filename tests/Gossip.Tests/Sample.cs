using System.Collections.Immutable;
using System.Net;
using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;
using Networking.Model.Wire;

namespace Networking.Gossip.Tests;

/// <summary>Values that tests share.</summary>
internal static class Sample
{
    public static NodeId Node { get; } = new(0x1122_3344_5566_7788);

    public static NodeId Other { get; } = new(0x0102_0304_0506_0708);

    public static ScopeId Scope { get; } = new(0xaaaa_aaaa_aaaa_aaaa, 0xbbbb_bbbb_bbbb_bbbb, 0xcccc_cccc_cccc_cccc, 0xdddd_dddd_dddd_dddd);

    public static PeerAddress Address(string text = "192.0.2.1:7946") => PeerAddress.From(IPEndPoint.Parse(text));

    public static MemberInfo Info(uint incarnation = 3, string address = "192.0.2.1:7946", ulong run = 9, ulong floor = 1UL << 32) =>
        new(incarnation, Address(address), run, floor);

    public static GossipKey Key(byte fill = 7) => new([.. Enumerable.Repeat(fill, 16)]);

    public static Keyring Ring(params byte[] fills) => new([.. fills.Select(Key)], 0);

    public static Row Row(ulong version = 5, string key = "web", NodeId? owner = null, byte value = 1) =>
        new(new RowKey("endpoint", key), owner ?? Node, version, [value, 2, 3]);

    public static Row Removed(ulong version = 6, string key = "web") => new(new RowKey("endpoint", key), Node, version, [], TimeSpan.FromSeconds(1800));

    /// <summary>One of each message, by name.</summary>
    public static ImmutableSortedDictionary<string, Message> Messages { get; } = new Dictionary<string, Message>
    {
        ["ping"] = new PingMessage(0x0403_0201, Node),
        ["ack"] = new AckMessage(77),
        ["nack"] = new NackMessage(78),
        ["ping-request"] = new PingRequestMessage(79, Node, Address("[2001:db8::1]:7946")),
        ["alive"] = new MemberMessage(MemberFact.Alive(Node, Info())),
        ["suspect"] = new MemberMessage(new MemberFact(Node, 3, MemberStatus.Suspect, null, Other)),
        ["failed"] = new MemberMessage(new MemberFact(Node, 3, MemberStatus.Failed, null, Other)),
        ["left"] = new MemberMessage(new MemberFact(Node, 3, MemberStatus.Left)),
        ["record"] = new MemberMessage(new MemberFact(Node, 4, MemberStatus.Failed, Info(), Other, 600)),
        ["rows"] = new RowsMessage(Scope, [Row(), Removed()]),
        ["summary"] = new SummaryMessage(11, [new ScopeDigest(ScopeId.Cluster, 12), new ScopeDigest(Scope, 13)]),
        ["opening"] = new OpeningMessage([.. Enumerable.Range(0, Roster.Buckets).Select(static i => (ulong)i)], [new ScopeDigest(Scope, 13)]),
        ["want-members"] = new WantMembersMessage(0x8000_0001),
        ["owners"] = new OwnersMessage(Scope, [new OwnerDigest(Node, 14), new OwnerDigest(Other, 15)]),
        ["versions"] = new VersionsMessage(Scope, Node, [new RowVersion(16, 300)]),
        ["want-rows"] = new WantRowsMessage(Scope, Node, [16, 17]),
        ["end-of-turn"] = new EndOfTurnMessage(),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static byte[] Bytes(Message message)
    {
        var writer = new WireWriter(WireLimits.ConversationBytesMax);
        MessageWriter.Put(writer, message);
        return writer.Written.ToArray();
    }
}
