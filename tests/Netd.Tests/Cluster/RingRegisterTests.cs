using System.Net;
using Networking.Ipam.Ring;
using Networking.Model;
using Networking.Netd.Cluster;
using Networking.Store;

namespace Networking.Netd.Tests.Cluster;

/// <summary>A node with its register on disk: through a restart it owns what it owned, in a generation above.</summary>
public sealed class RingRegisterTests : IDisposable
{
    private static readonly OwnerId Self = new(0xaa);

    private readonly string _folder = Directory.CreateTempSubdirectory("netd-register-").FullName;

    [Fact]
    public void The_creator_owns_all_of_the_pool_also_after_a_restart()
    {
        var first = Started();
        Assert.True(first.IsHolding);
        Assert.Equal((UInt128)254, first.Spare("cluster"));
        Assert.Equal("0-255", Ranges(first));

        var second = Started();
        Assert.Equal("0-255", Ranges(second));
        Assert.True(second.Record.Generation > first.Record.Generation);
        Assert.True(second.Record.Revision > first.Record.Revision);
    }

    [Fact]
    public void A_damaged_register_is_named_and_nothing_begins_without_it()
    {
        var file = new RingFile(_folder);
        file.Write(new RingRecord { Register = new byte[] { 1, 2, 3 } });
        Assert.Contains(file.Path, Assert.Throws<StoreException>(() => RingRegister.Open(file)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Ranges(RingNode node) => string.Join(' ', node.Record.Holdings.Select(static h => $"{h.First}-{h.Last}"));

    private RingNode Started()
    {
        var register = RingRegister.Open(new RingFile(_folder));
        var node = new RingNode(new RingOptions(), Self, register.Memory, new Random(1));
        var inputs = new Queue<RingInput>([new RingInput.OpenPool("cluster", IPNetwork.Parse("10.128.0.0/24"), Creates: true), .. Enumerable.Repeat(new RingInput.Tick(), 5)]);
        for (var second = 1; inputs.TryDequeue(out var input); second++)
        {
            var effects = new List<RingEffect>();
            node.Step(TimeSpan.FromSeconds(second), input, effects);
            foreach (var effect in effects)
            {
                if (effect is RingEffect.Store store)
                {
                    register.Keep(store.Memory);
                }
                else if (effect is RingEffect.Ask ask)
                {
                    inputs.Enqueue(new RingInput.Answered(register.Answer(ask.Request)));
                }
            }
        }

        return node;
    }
}
