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
    public async Task A_dump_under_constant_change_is_whole_or_refused()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var batch = Path.GetTempFileName();
        var lines = Enumerable.Range(0, 4000).SelectMany(n => new[] { $"addr add 10.2.{n / 250}.{(n % 250) + 1}/16 dev lo", $"link set lo mtu {(n % 2) + 1500}" });
        await File.WriteAllLinesAsync(batch, lines, Lab.Cancel);
        var change = Task.Run(() => Lab.Run("ip", "-n", name, "-b", batch), Lab.Cancel);
        var interrupted = 0;
        while (!change.IsCompleted)
        {
            try
            {
                _ = await lab.Kernel.ObserveAsync(new Observation(sandbox, lab.Tag, []), Lab.Cancel);
            }
            catch (KernelException exception)
            {
                // Never half a dump: it begins anew, and is given up with the reason when it is interrupted each time.
                Assert.True(exception.Error!.IsTransient);
                Assert.Contains("interrupted", exception.Message, StringComparison.Ordinal);
                interrupted++;
            }
        }

        await change;
        File.Delete(batch);
        TestContext.Current.SendDiagnosticMessage($"{interrupted} dumps were given up");
        using var lease = ((INamespaceHandles)lab.Directory).Rent(sandbox);
        Assert.Equal(4000, RouteReader.Addresses(lease.Handle.Socket, WireFamily.Inet).Count(a => a.Address.PrefixLength == 16));
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
