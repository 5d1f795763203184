namespace Networking.Gossip.Tests;

/// <summary>The table beside a dictionary: things come, go and are looked for, close together and far apart.</summary>
public sealed class NumberTableTests
{
    [Theory]
    [InlineData(1, 20)] // chains that are cut and closed again
    [InlineData(2, 200)]
    [InlineData(3, 20_000)]
    public void It_holds_what_a_dictionary_holds(int seed, int numbers)
    {
        var random = new Random(seed);
        var table = new NumberTable<Thing>();
        var expected = new SortedDictionary<ulong, Thing>();
        for (var step = 0; step < 20_000; step++)
        {
            var number = (ulong)random.Next(numbers) << (random.Next(2) * 32);
            if (expected.TryGetValue(number, out var known))
            {
                Assert.Same(known, table.Find(number));
                table.Remove(number);
                _ = expected.Remove(number);
            }
            else
            {
                Assert.Null(table.Find(number));
                table.Remove(number); // what is not there does not matter
                var thing = new Thing(number);
                table.Add(thing);
                expected.Add(number, thing);
            }

            Assert.Equal(expected.Count, table.Count);
            if (step % 500 == 0)
            {
                Assert.Equal(expected.Values, table.Sorted());
                Assert.All(expected, e => Assert.Same(e.Value, table.Find(e.Key)));
            }
        }
    }

    private sealed record Thing(ulong Number) : INumbered;
}
