using System.Net;
using Networking.Model;

namespace Networking.Ipam.Tests;

public sealed class AddressSpacePropertyTests
{
    /// <summary>The same requests against a space and against a plain list searched from end to end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_space_behaves_like_a_list(int seed)
    {
        var random = new Random(seed);
        SubnetPool[] pools = [new(IPNetwork.Parse("10.0.0.0/26"), 29), new(IPNetwork.Parse("10.0.1.0/28"), 30)];
        var space = AddressSpace.Create(pools);
        var held = new List<IPNetwork>();
        for (var step = 0; step < 2000; step++)
        {
            var prefix = RandomPrefix(random);
            switch (random.Next(4))
            {
                case 0 when held.Count > 0:
                    var index = random.Next(held.Count);
                    space = space.Release(held[index]);
                    held.RemoveAt(index);
                    break;
                case 1:
                    var overlap = space.Overlapping(prefix);
                    Assert.Equal(held.Any(h => Prefix.Overlaps(h, prefix)), overlap is not null);
                    Assert.True(overlap is null || Prefix.Overlaps(overlap.Prefix, prefix));
                    if (overlap is null)
                    {
                        space = space.Hold(prefix, $"step {step}");
                        held.Add(prefix);
                    }

                    break;
                default:
                    HeldSubnet[] reserved = [.. Enumerable.Range(0, random.Next(3)).Select(_ => new HeldSubnet(RandomPrefix(random), "r"))];
                    int? length = random.Next(2) == 0 ? random.Next(25, 33) : null;
                    var result = space.NextFree(isIpv6: false, reserved, length);
                    var expected = pools.SelectMany(p => Pieces(p.Prefix, length ?? p.SubnetLength))
                        .Where(p => !held.Concat(reserved.Select(static r => r.Prefix)).Any(h => Prefix.Overlaps(h, p)))
                        .Select(static p => (IPNetwork?)p).FirstOrDefault();
                    Assert.Equal(expected, (result as SubnetResult.Found)?.Subnet);
                    if (expected is { } free)
                    {
                        space = space.Hold(free, $"step {step}");
                        held.Add(free);
                    }

                    break;
            }

            Assert.Equal(held.OrderBy(static h => Prefix.ToNumber(h.BaseAddress)), space.Held.Select(static h => h.Prefix));
            var near = RandomPrefix(random);
            Assert.Equal(
                held.Where(h => Prefix.Overlaps(h, near)).OrderBy(static h => Prefix.ToNumber(h.BaseAddress)),
                space.AllOverlapping(near).Select(static h => h.Prefix));
            HeldSubnet[] routes = [new(near, "r"), new(RandomPrefix(random), "r")];
            Assert.Equal(
                pools.Select(p => Pieces(p.Prefix, p.SubnetLength).Count(s => held.Any(h => Prefix.Overlaps(h, s)))),
                space.UseOf(routes).Select(static p => (int)p.Held));
            Assert.Equal(
                pools.Select(p => Pieces(p.Prefix, p.SubnetLength).Count(s => !held.Concat(routes.Select(static r => r.Prefix)).Any(h => Prefix.Overlaps(h, s)))),
                space.UseOf(routes).Select(static p => (int)p.Free));
        }
    }

    /// <summary>
    /// The cost rule: network number 4,000 is found and held for what number 10 was, plus the logarithm.
    /// </summary>
    [Fact]
    public void The_work_of_a_subnet_does_not_depend_on_how_many_there_are()
    {
        _ = Cost(4000);
        var (few, many) = (Cost(10), Cost(4000));

        // A sorted set of 4,000 is 9 levels deeper than one of 10, a node of it has some 60 bytes.
        Assert.True(many - few < 1024, $"the 10th allocates {few} bytes, the 4,000th {many}");
    }

    private static long Cost(int count)
    {
        var space = AddressSpaceTests.Filled(count);
        var start = GC.GetAllocatedBytesForCurrentThread();
        var subnet = ((SubnetResult.Found)space.NextFree(isIpv6: false, [])).Subnet;
        _ = space.Hold(subnet, "network");
        return GC.GetAllocatedBytesForCurrentThread() - start;
    }

    private static IEnumerable<IPNetwork> Pieces(IPNetwork prefix, int length) => length < prefix.PrefixLength ? [] :
        Enumerable.Range(0, 1 << (length - prefix.PrefixLength)).Select(i => new IPNetwork(
            Prefix.FromNumber(Prefix.ToNumber(prefix.BaseAddress) + ((UInt128)i << (32 - length)), ipv6: false), length));

    private static IPNetwork RandomPrefix(Random random) => Prefix.Mask(
        Prefix.FromNumber(0x0A00_0000 + (UInt128)random.Next(0x200), ipv6: false), random.Next(24, 33));
}
