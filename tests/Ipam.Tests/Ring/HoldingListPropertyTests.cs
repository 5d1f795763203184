using System.Collections.Immutable;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Tests.Ring;

/// <summary>Cutting and joining ranges neither makes nor loses an address, and forgets of none whether it is open or withheld.</summary>
public sealed class HoldingListPropertyTests
{
    private const int Addresses = 48;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_cut_out_is_gone_and_the_rest_is_as_it_was(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var holdings = HoldingList.Of(Some(random));
            var first = random.Next(Addresses);
            var last = random.Next(first, Addresses);
            var rest = HoldingList.Without(holdings, "p", (UInt128)first, (UInt128)last);
            for (var i = 0; i < Addresses; i++)
            {
                Assert.Equal(i >= first && i <= last ? (false, false, false) : State(holdings, i), State(rest, i));
            }
        }
    }

    [Theory]
    [InlineData(4)]
    public void Taking_over_withholds_what_was_open_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var holdings = HoldingList.Of(Some(random));
            var taken = HoldingList.Of(holdings.SelectMany(static h => HoldingList.TakenOver(h, new OwnerId(9), isOpenWithheld: true)));
            for (var i = 0; i < Addresses; i++)
            {
                var (isOwned, isOpen, isWithheld) = State(holdings, i);
                Assert.Equal((isOwned, false, isOpen || isWithheld), State(taken, i));
                var offset = (UInt128)i;
                Assert.True(!isOwned || HoldingList.VersionOf(taken, "p", offset, offset) > HoldingList.VersionOf(holdings, "p", offset, offset));
            }
        }
    }

    private static (bool IsOwned, bool IsOpen, bool IsWithheld) State(ImmutableArray<Holding> holdings, int address) =>
        HoldingList.Find(holdings, "p", (UInt128)address) is { } holding
            ? (true, (UInt128)address < holding.UnopenedFirst, holding.IsWithheld)
            : (false, false, false);

    private static IEnumerable<Holding> Some(Random random)
    {
        for (var at = random.Next(4); at < Addresses;)
        {
            var last = Math.Min(at + random.Next(8), Addresses - 1);
            var isWithheld = random.Next(3) == 0;
            var opened = isWithheld ? 0 : random.Next(last - at + 2);
            yield return new Holding("p", (UInt128)at, (UInt128)last, (ulong)random.Next(1, 9), (UInt128)opened, isWithheld ? new OwnerId(7) : default);
            at = last + 1 + random.Next(3);
        }
    }
}
