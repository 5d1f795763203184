using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>The hot path allocates nothing: encode, send, and read the answers of a batch.</summary>
public sealed class AllocationTests
{
    [Fact]
    public async Task Adding_and_deleting_addresses_allocates_nothing()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        var addresses = Enumerable.Range(1, 8).Select(n => Lab.Address(sandbox, "lo", $"10.1.0.{n}/32")).ToList(); // no secondaries: the kernel takes them along
        ImmutableArray<KernelOperation> operations = [.. addresses.Select(Lab.Create), .. addresses.Select(Lab.Delete)];
        var results = new OperationResult[operations.Length];
        var allocated = long.MaxValue;
        var thread = new Thread(() =>
        {
            using var lease = ((INamespaceHandles)lab.Directory).Rent(sandbox);
            for (var round = 0; round < 200; round++)
            {
                lease.Handle.Route.Apply(operations.AsSpan(), results);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var round = 0; round < 10; round++)
            {
                lease.Handle.Route.Apply(operations.AsSpan(), results);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        thread.Start();
        thread.Join();
        Assert.All(results, result => Assert.True(result.IsDone, result.Error?.ToString()));
        Assert.Equal(0, allocated);
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
