using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>What a reading says of a namespace that is there but cannot be read, and of one that is gone.</summary>
public sealed class ReadingTests
{
    private const int NoEntry = 2; // ENOENT

    [Fact]
    public async Task Something_missing_in_a_reading_is_no_namespace_that_is_gone()
    {
        await using var lab = Lab.Open(firewall: static (_, socket) => new MissingFirewall(socket));
        var (sandbox, _) = await lab.SandboxAsync();

        foreach (var ns in new[] { NetNs.Host, sandbox })
        {
            var refusal = await Assert.ThrowsAsync<KernelException>(() => lab.Kernel.ObserveAsync(new Observation(ns, lab.Tag, []), Lab.Cancel));
            Assert.Contains("run iptables-save", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_namespace_whose_path_is_gone_is_empty_and_deletions_in_it_are_done()
    {
        await using var lab = Lab.Open(handlesMax: 1);
        var (gone, name) = await lab.SandboxAsync();
        _ = await lab.SandboxAsync(); // takes the place of its open sockets
        _ = Lab.Run("ip", "netns", "del", name);

        Assert.Equal(KernelState.Empty, await lab.Kernel.ObserveAsync(new Observation(gone, lab.Tag, []), Lab.Cancel));
        await lab.DoneAsync(gone, Lab.Delete(Lab.Address(gone, "eth0", "10.20.0.2/24")));
    }

    private sealed class MissingFirewall(NetlinkSocket socket) : IFirewallTransport
    {
        public OperationResult[] Apply(ReadOnlySpan<KernelOperation> operations) => new OperationResult[operations.Length];

        public IEnumerable<KernelObject> Observe(IReadOnlyCollection<KernelObject> wanted) =>
            throw new KernelException(new KernelError(NoEntry, "ENOENT", "run iptables-save"));

        public void Dispose() => socket.Dispose();
    }
}
