using System.Collections.Immutable;
using System.Net;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;
using Networking.Ipam.Ring.Wire;

namespace Networking.Ipam.Tests.Ring;

/// <summary>Frames that tests share: one of each, and any number drawn from a seed.</summary>
internal static class RingSample
{
    public static OwnerId Node { get; } = new(0x1122_3344_5566_7788);

    public static OwnerId Other { get; } = new(0x0102_0304_0506_0708);

    public static PoolRecord Pool { get; } = new("web", IPNetwork.Parse("10.32.0.0/12"), Node);

    public static NodeRecord Record { get; } = new(Node, 3, 300, 0xaabb_ccdd_eeff_0011, RecordState.Active, default, [
        new Holding("v6", UInt128.One << 63, (UInt128.One << 64) - 1, 4, 8, default),
        new Holding("web", 0, 63, 2, 64, default),
        new Holding("web", 64, 127, 5, 0, Other),
    ], 77);

    /// <summary>One of each frame, by name.</summary>
    public static ImmutableSortedDictionary<string, byte[]> Frames { get; } = new Dictionary<string, byte[]>
    {
        ["donation-ask"] = RingCodec.Write(new RingMessage.DonationAsk(0x0403_0201, "web", 3, true)),
        ["claim-ask"] = RingCodec.Write(new RingMessage.ClaimAsk(5, "web", 300, UInt128.MaxValue - 1, true)),
        ["answer-given"] = RingCodec.Write(new RingMessage.Answer(5, "web", AskOutcome.Given, Record, null)),
        ["answer-not-owner"] = RingCodec.Write(new RingMessage.Answer(6, "web", AskOutcome.NotOwner, null, new Claim(0, 255, 9, Other))),
        ["hand-over"] = RingCodec.Write(new RingMessage.Answer(0, "web", AskOutcome.Given, Record with { Holdings = [] }, null)),
        ["commit"] = RingCodec.Write(new AuthorityRequest.Commit(7, [new Expectation(Node, 77), new Expectation(Other, 0)], [Record, new NodeRecord(Other, 1, 1, 2, RecordState.Reclaimed, Node, [], 0)], Pool)),
        ["commit-read"] = RingCodec.Write(new AuthorityRequest.Commit(8, [new Expectation(Node, Expectation.Unknown)], [], null)),
        ["list"] = RingCodec.Write(new AuthorityRequest.List(9)),
        ["read-pool"] = RingCodec.Write(new AuthorityRequest.ReadPool(10, "web")),
        ["authority-answer"] = RingCodec.Write(new AuthorityAnswer(7, true, [Record], new PoolRecord("v6", IPNetwork.Parse("fd00:8::/48"), Other))),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static RingMessage Message(Random random) => random.Next(3) switch
    {
        0 => new RingMessage.DonationAsk(Number(random), Name(random), (uint)random.Next(), random.Next(2) == 0),
        1 => new RingMessage.ClaimAsk(Number(random), Name(random), (uint)random.Next(), Offset(random), random.Next(2) == 0),
        _ => new RingMessage.Answer(random.Next(4) == 0 ? 0 : Number(random), Name(random), (AskOutcome)random.Next(Enum.GetValues<AskOutcome>().Length),
            random.Next(2) == 0 ? ARecord(random) : null, random.Next(2) == 0 ? AClaim(random) : null),
    };

    public static AuthorityRequest Request(Random random)
    {
        var writes = Enumerable.Range(0, random.Next(3)).Select(_ => ARecord(random)).ToImmutableArray();
        return random.Next(4) switch
        {
            0 => new AuthorityRequest.List(Number(random)),
            1 => new AuthorityRequest.ReadPool(Number(random), Name(random)),
            _ => new AuthorityRequest.Commit(Number(random), [.. writes.Select(r => new Expectation(r.Owner, random.NextInt64(-1, long.MaxValue - 1)))], writes, random.Next(2) == 0 ? APool(random) : null),
        };
    }

    public static AuthorityAnswer Answer(Random random) => new(Number(random), random.Next(2) == 0, [.. Enumerable.Range(0, random.Next(4)).Select(_ => ARecord(random))], random.Next(2) == 0 ? APool(random) : null);

    private static NodeRecord ARecord(Random random) => new(
        Owner(random), (uint)random.Next(), (ulong)random.NextInt64(), (ulong)random.NextInt64(), (RecordState)random.Next(Enum.GetValues<RecordState>().Length),
        random.Next(2) == 0 ? default : Owner(random), [.. Holdings(random)], random.NextInt64());

    private static IEnumerable<Holding> Holdings(Random random)
    {
        foreach (var pool in Enumerable.Range(0, random.Next(4)).Select(_ => Name(random)).Distinct().Order(StringComparer.Ordinal))
        {
            var at = random.Next(2) == 0 ? UInt128.Zero : Offset(random) >> 2;
            for (var count = random.Next(1, 9); count > 0; count--)
            {
                var last = at + (UInt128)random.Next(1 << random.Next(30));
                var isWithheld = random.Next(3) == 0;
                var opened = isWithheld ? UInt128.Zero : UInt128.Min((UInt128)random.Next(1 << random.Next(30)), last - at + 1);
                yield return new Holding(pool, at, last, (ulong)random.NextInt64(1, long.MaxValue), opened, isWithheld ? Owner(random) : default);
                at = last + 1 + (UInt128)random.Next(3);
            }
        }
    }

    private static PoolRecord APool(Random random) => new(Name(random), IPNetwork.Parse(random.Next(2) == 0 ? "10.0.0.0/8" : "fd00:8::/48"), Owner(random));

    private static Claim AClaim(Random random)
    {
        var first = Offset(random) >> 1;
        return new Claim(first, first + (UInt128)random.Next(), (ulong)random.NextInt64(1, long.MaxValue), Owner(random));
    }

    private static OwnerId Owner(Random random) => new((ulong)Number(random));

    private static long Number(Random random) => random.NextInt64(1, long.MaxValue);

    private static UInt128 Offset(Random random) => new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()) >> random.Next(127);

    private static string Name(Random random) => new((char)random.Next('a', 'z' + 1), random.Next(1, RingWireLimits.PoolNameBytesMax + 1));
}
