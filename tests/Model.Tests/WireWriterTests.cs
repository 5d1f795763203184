using Networking.Model.Wire;

namespace Networking.Model.Tests;

/// <summary>A writer that gives back what a long message needed writes the same as one that never had any.</summary>
public sealed class WireWriterTests
{
    [Fact]
    public void Two_writers_grow_shrink_and_grow_again_and_never_see_each_others_bytes()
    {
        var random = new Random(1);
        var writers = new[] { new WireWriter(1 << 20), new WireWriter(1 << 20) };
        var expected = new[] { new List<byte>(), new List<byte>() };
        for (var step = 0; step < 4000; step++)
        {
            var which = random.Next(2);
            switch (random.Next(8))
            {
                case 0:
                    writers[which].Clear();
                    expected[which].Clear();
                    break;
                case 1:
                    var length = random.Next(expected[which].Count + 1);
                    writers[which].CutTo(length);
                    expected[which].RemoveRange(length, expected[which].Count - length);
                    break;
                default:
                    var bytes = new byte[random.Next(3) == 0 ? random.Next(30_000) : random.Next(100)];
                    random.NextBytes(bytes);
                    writers[which].PutBytes(bytes);
                    expected[which].AddRange(bytes);
                    break;
            }

            Assert.Equal(expected[0].Count, writers[0].Length);
            Assert.True(writers[0].Written.SequenceEqual(expected[0].ToArray()) && writers[1].Written.SequenceEqual(expected[1].ToArray()), $"step {step}");
        }
    }

    [Fact]
    public void A_small_bound_holds()
    {
        var writer = new WireWriter(10);
        writer.PutBytes(new byte[10]);
        Assert.Throws<InvariantException>(() => writer.PutByte(1));
        writer.Clear();
        writer.PutByte(7);
        Assert.Equal([7], writer.Written.ToArray());
    }
}
