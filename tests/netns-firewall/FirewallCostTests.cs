using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;
using static Networking.NetnsFirewall.Tests.Firewall;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>What a change costs among many others.</summary>
public sealed class FirewallCostTests
{
    [Fact]
    public void Twenty_thousand_elements_are_chunked_and_committed()
    {
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Apply(Create(Node));
            KernelObject[] elements = [.. Enumerable.Range(0, 20_000).Select(static i => Element(Bridges, $"br-{i:x6}", null, $"network/{i:x12}"))];

            Assert.Empty(Errors(transport.Apply(Create(elements))));

            Assert.InRange(transport.LastBatchMessages, 10, 60);
            var observed = transport.Observe(NetNs.Host, TableName).OfType<FirewallElementState>().ToDictionary(static e => e.Key);
            Assert.Equal(elements.Length, observed.Count);
            Assert.All(elements, e => Assert.Equal(e, observed[e.Key]));
            Assert.Empty(Errors(transport.Apply(Delete(elements))));
            Assert.Empty(transport.Observe(NetNs.Host, TableName).OfType<FirewallElementState>());
        });
    }

    [Fact]
    public void Network_costs_the_same_messages_and_bytes_among_many()
    {
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Apply(Create(Node));
            (int, int, int) Cost(int present)
            {
                Assert.Empty(Errors(transport.Apply(Create(Enumerable.Range(0, present).SelectMany(i => Network($"br-{present:x4}-{i:x4}", "network/many"))))));
                var sends = channel.Sends;
                Assert.Empty(Errors(transport.Apply(Create(Network($"br-one-{present:d4}", "network/one")))));
                return (transport.LastBatchBytes, transport.LastBatchMessages, channel.Sends - sends);
            }

            Assert.Equal(Cost(10), Cost(5_000));
        });
    }

    [Theory]
    [InlineData(8)]
    [InlineData(200)]
    public void A_batch_of_elements_allocates_its_results_and_nothing_for_each(int count)
    {
        const int batchBytesMax = 64; // however many elements
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Apply(Create(Node));
            KernelObject[] elements = [.. Enumerable.Range(0, count).Select(static i => Element(Bridges, $"br-{i}", null, "network/1"))];
            var (creations, deletions) = (Create(elements), Delete(elements));
            for (var round = 0; round < 200; round++)
            {
                Assert.Empty(Errors(transport.Apply(creations)));
                Assert.Empty(Errors(transport.Apply(deletions)));
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var round = 0; round < 10; round++)
            {
                _ = transport.Apply(creations);
                _ = transport.Apply(deletions);
            }

            var batch = (GC.GetAllocatedBytesForCurrentThread() - before) / 20;
            var results = 24 + (8 * count); // OperationResult[]
            Assert.InRange(batch - results, 0, batchBytesMax);
        });
    }
}
