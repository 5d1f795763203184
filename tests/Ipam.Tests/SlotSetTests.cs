namespace Networking.Ipam.Tests;

public sealed class SlotSetTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(5, 3)]
    [InlineData(6, 4)]
    [InlineData(7, 5)]
    [InlineData(9, 6)]
    [InlineData(12, 7)]
    public void It_behaves_like_a_plain_set(int bits, int seed)
    {
        var random = new Random(seed);
        var size = 1 << bits;
        var set = SlotSet.Empty(bits);
        var model = new HashSet<int>();
        for (var step = 0; step < 400; step++)
        {
            var first = random.Next(size);
            var last = random.Next(3) == 0 ? random.Next(first, size) : first;
            var isMember = random.Next(5) < 3;
            var before = set;
            var beforeFree = Free(before, size);
            set = isMember ? set.AddRange((UInt128)first, (UInt128)last) : set.RemoveRange((UInt128)first, (UInt128)last);
            for (var i = first; i <= last; i++)
            {
                _ = isMember ? model.Add(i) : model.Remove(i);
            }

            Assert.Equal(Enumerable.Range(0, size).Where(i => !model.Contains(i)), Free(set, size));
            Assert.Equal(beforeFree, Free(before, size));
        }
    }

    [Fact]
    public void The_greatest_number_of_the_greatest_set_is_a_number_like_any_other()
    {
        var set = SlotSet.Empty(128).AddRange(1, UInt128.MaxValue - 1);

        Assert.Equal(UInt128.MaxValue, set.NextFree(1));
        Assert.Null(set.Add(UInt128.MaxValue).NextFree(1));
        Assert.Equal(UInt128.Zero, set.Add(UInt128.MaxValue).NextFree(0));
        Assert.Null(set.Add(UInt128.MaxValue).Add(0).NextFree(0));
    }

    [Fact]
    public void A_full_part_takes_no_space_and_adding_to_it_changes_nothing()
    {
        var full = SlotSet.Empty(20).AddRange(0, 0xFFFFF);

        Assert.Same(full, full.AddRange(200, 300));
        Assert.Null(full.NextFree(0));
        Assert.Equal((UInt128)77, full.Remove(77).NextFree(0));
    }

    private static List<int> Free(SlotSet set, int size)
    {
        var free = new List<int>();
        for (var slot = set.NextFree(0); slot is { } found; slot = found + 1 < (UInt128)size ? set.NextFree(found + 1) : null)
        {
            free.Add((int)found);
        }

        return free;
    }
}
