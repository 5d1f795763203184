using System.Net;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Tests.Ring;

/// <summary>What a lease costs, counted: the same on any machine.</summary>
public sealed class RingCostTests
{
    private const string Pool = "all";

    [Fact]
    public void A_fully_used_slash_12_costs_less_than_20_megabytes()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (node, leases, _) = Fill("10.32.0.0/12", int.MaxValue);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal((1 << 20) - 2, leases);
        TestContext.Current.AddWarning($"{leases} leases: {bytes} bytes, {(double)bytes / leases:F2} a lease");
        Assert.True(bytes < 20_000_000, $"{bytes} bytes");
        Assert.Equal((UInt128)leases, node.Count(Pool).Leased);
    }

    [Fact]
    public void A_lease_allocates_the_same_whether_few_or_many_are_out()
    {
        var few = BytesOf(100);
        var many = BytesOf(60_000);
        TestContext.Current.AddWarning($"{few} bytes a lease");
        Assert.Equal(few, many);
        Assert.True(few < 400, $"{few} bytes");
    }

    /// <summary>Bytes allocated by a lease, its answer among them, in the middle of a thousand.</summary>
    private static long BytesOf(int leased)
    {
        var (node, _, now) = Fill("10.32.0.0/14", leased);
        var effects = new List<RingEffect>(16);
        var lease = new RingInput.Lease(1, Pool, null);
        var bytes = new List<long>();
        for (var i = 0; i < 40; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            node.Step(now, lease, effects);
            bytes.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            effects.Clear();
        }

        return bytes.Order().ElementAt(bytes.Count / 2);
    }

    private static (RingNode Node, int Leases, TimeSpan Now) Fill(string prefix, int most)
    {
        var register = new TermRegister();
        var node = new RingNode(new RingOptions(), new OwnerId(1), default, new Random(1));
        var now = TimeSpan.FromHours(1);
        var effects = new List<RingEffect>();
        var leases = 0;
        var isRefused = false;
        void Step(RingInput input)
        {
            effects.Clear();
            node.Step(now, input, effects);
            var asked = effects.OfType<RingEffect.Ask>().Select(static a => a.Request).ToList();
            leases += effects.Count(static e => e is RingEffect.Leased);
            isRefused |= effects.Any(static e => e is RingEffect.Refused);
            asked.ForEach(a => Step(new RingInput.Answered(register.Answer(a))));
        }

        Step(new RingInput.OpenPool(Pool, IPNetwork.Parse(prefix), true));
        var lease = new RingInput.Lease(1, Pool, null);
        while (leases < most && !isRefused)
        {
            Step(lease);
            if (effects.Count == 0)
            {
                now += TimeSpan.FromSeconds(1);
                Step(new RingInput.Tick());
            }
        }

        return (node, leases, now);
    }
}
