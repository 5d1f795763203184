using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>What the hot path allocates: encode, send, and read the answers of a batch.</summary>
public sealed class AllocationTests
{
    private const int ChangeBytesMax = 160;
    private const int PairBytesMax = 800; // two ends made and taken away again, some twenty messages: some 700, as lists in the background grow

    [Fact]
    public async Task Adding_and_deleting_addresses_allocates_nothing()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        var addresses = Enumerable.Range(1, 8).Select(n => Lab.Address(sandbox, "lo", $"10.1.0.{n}/32")).ToList(); // no secondaries: the kernel takes them along

        Assert.Equal(0, Allocated(lab, sandbox, [.. addresses.Select(Lab.Create), .. addresses.Select(Lab.Delete)]));
    }

    [Fact]
    public async Task Links_allocate_little_and_each_the_same()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        var small = lab.BridgeState() with { Namespace = sandbox, Name = "br0", MtuBytes = 1400 };
        var large = small with { MtuBytes = 1500, Mac = new MacAddress(0x0242_0a14_0002) };
        await lab.DoneAsync(sandbox, Lab.Create(large));

        // What is so already is taken out of the value that is sent: a copy of it, and no more.
        Assert.InRange(Allocated(lab, sandbox, [Lab.Change(large, small), Lab.Change(small, large)]), 0, 2 * ChangeBytesMax);
        Assert.InRange(Allocated(lab, sandbox, PairOperations(lab, sandbox, 1)), 0, PairBytesMax);
        Assert.InRange(Allocated(lab, sandbox, PairOperations(lab, sandbox, 8)), 0, 8 * PairBytesMax);
    }

    // As the daemon sends them: the making ends, the other ends, and both away again.
    private static ImmutableArray<KernelOperation>[] PairOperations(Lab lab, NetNs ns, int count)
    {
        var pairs = Enumerable.Range(1, count).Select(n => lab.Pair(ns, n, $"e{n}", "br0")).ToList();
        var hosts = pairs.ConvertAll(p => p.Host with { Namespace = ns });
        var peers = pairs.ConvertAll(p => p.Peer with { Details = new VethPeerLink(ns, p.Host.Name) });
        return [[.. hosts.Select(Lab.Create)], [.. peers.Select(Lab.Create)], [.. peers.Select(Lab.Delete)], [.. hosts.Select(Lab.Delete)]];
    }

    /// <summary>Bytes that a round of these batches allocates once everything has grown as large as it must.</summary>
    private static long Allocated(Lab lab, NetNs ns, params ImmutableArray<KernelOperation>[] batches)
    {
        const int rounds = 10;
        var results = batches.Select(static b => new OperationResult[b.Length]).ToArray();
        var allocated = long.MaxValue;
        void Apply(NamespaceLease lease)
        {
            for (var i = 0; i < batches.Length; i++)
            {
                lease.Handle.Route.Apply(batches[i].AsSpan(), results[i]);
            }
        }

        var thread = new Thread(() =>
        {
            using var lease = ((INamespaceHandles)lab.Directory).Rent(ns);
            for (var round = 0; round < 200; round++)
            {
                Apply(lease);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var round = 0; round < rounds; round++)
            {
                Apply(lease);
            }

            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / rounds;
        });
        thread.Start();
        thread.Join();
        Assert.All(results.SelectMany(static r => r), static r => Assert.True(r.IsDone, r.Error?.ToString()));
        return allocated;
    }

    [Fact]
    public void Opened_at_once_a_socket_counts_its_traffic()
    {
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
        Assert.Equal(default, socket.Counters);
        Assert.True(LinkQuery.Identify(socket, "lo").IsThere);
        var counters = socket.Counters;
        Assert.Equal((1, 1, 2), (counters.MessagesSent, counters.SendCalls, counters.MessagesReceived));
        Assert.True(counters.ReceiveCalls is 1 or 2);
        Assert.False(LinkQuery.Identify(socket, "nt-nowhere").IsThere);
    }
}
