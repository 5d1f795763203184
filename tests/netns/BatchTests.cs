using System.Diagnostics;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>What a batch promises: order, independence of refusals, cost, texts; and that deletion frees names at once.</summary>
public sealed class BatchTests
{
    [Fact]
    public async Task A_refused_operation_in_the_middle_does_not_stop_the_later_ones()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var good = Lab.Address(sandbox, "lo", "10.1.0.1/24");
        var results = await lab.ApplyAsync(
            sandbox,
            Lab.Create(good),
            Lab.Create(good),
            Lab.Create(Lab.Address(sandbox, "lo", "10.1.0.2/24")),
            Lab.Delete(Lab.Address(sandbox, "lo", "10.1.0.9/24")),
            Lab.Create(Lab.Address(sandbox, "eth9", "10.1.0.3/24")));
        Assert.True(results[0].IsDone);
        Assert.Equal("EEXIST", results[1].Error!.ErrnoName);
        Assert.Equal("create address 10.1.0.1/24 on lo", results[1].Error!.Operation);
        Assert.False(results[1].Error!.IsTransient);
        Assert.True(results[2].IsDone);
        Assert.True(results[3].IsDone);
        Assert.Equal("there is no interface eth9", results[4].Error!.KernelText);
        Assert.Contains("10.1.0.2/24", Lab.Run("ip", "-n", name, "addr"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_and_offsets_of_the_kernel_reach_the_error()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        var error = (await lab.ApplyAsync(sandbox, Lab.Create(new RouteState
        {
            Namespace = sandbox,
            Destination = System.Net.IPNetwork.Parse("10.5.0.0/16"),
            Link = "lo",
            Gateway = System.Net.IPAddress.Parse("10.250.0.1"),
        })))[0].Error!;
        Assert.Equal("ENETUNREACH", error.ErrnoName);
        Assert.Contains("Nexthop has invalid gateway", error.KernelText, StringComparison.Ordinal);

        var vxlan = lab.BridgeState() with { Namespace = sandbox, Name = "vx1", Details = new VxlanLink(1 << 24, 4789, null) };
        error = (await lab.ApplyAsync(sandbox, Lab.Create(vxlan)))[0].Error!;
        Assert.Equal("ERANGE", error.ErrnoName);
        Assert.NotNull(error.Offset);
    }

    [Fact]
    public async Task An_existing_name_is_refused_and_the_strangers_link_is_not_touched()
    {
        await using var lab = Lab.Open();
        Lab.Run("ip", "link", "add", lab.Bridge, "type", "bridge");
        var error = (await lab.ApplyAsync(NetNs.Host, Lab.Create(lab.BridgeState())))[0].Error!;
        Assert.Equal("EEXIST", error.ErrnoName);
        var link = Lab.Link(null, lab.Bridge)!.Value;
        Assert.False(link.TryGetProperty("ifalias", out _));
        Assert.Equal("DOWN", link.GetProperty("operstate").GetString());
    }

    [Fact]
    public async Task Deleting_a_pair_frees_its_names_at_once_and_nothing_is_left_when_it_is_reaped()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var (host, peer) = lab.Pair(sandbox, 1);
        var address = Lab.Address(sandbox, "eth0", "10.20.0.2/16");
        for (var round = 0; round < 5; round++)
        {
            await lab.DoneAsync(NetNs.Host, Lab.Create(host));
            await lab.DoneAsync(sandbox, Lab.Create(peer), Lab.Create(address));
            await lab.DoneAsync(sandbox, Lab.Delete(peer));
            await lab.DoneAsync(NetNs.Host, Lab.Delete(host));
            Assert.DoesNotContain("10.20.0.2", Lab.Run("ip", "-n", name, "addr"), StringComparison.Ordinal);
            var state = await lab.Kernel.ObserveAsync(new Observation(sandbox, lab.Tag, [peer]), Lab.Cancel);
            Assert.Equal(0, state.Count);
        }

        await lab.Kernel.WhenReapedAsync();
        Assert.DoesNotContain("nx", Lab.Run("ip", "-br", "link"), StringComparison.Ordinal);
        Assert.DoesNotContain("nx", Lab.Run("ip", "-n", name, "-br", "link"), StringComparison.Ordinal);
        await lab.DoneAsync(NetNs.Host, Lab.Delete(host));
        await lab.DoneAsync(sandbox, Lab.Delete(peer));
    }

    [Fact]
    public async Task What_the_kernel_will_not_delete_is_tried_again_after_a_while()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var bridge = lab.BridgeState() with { Namespace = sandbox };
        await lab.DoneAsync(sandbox, Lab.Create(bridge));
        Lab.Run("ip", "-n", name, "link", "set", "dev", "lo", "group", $"{Ownership.DoomedGroup}"); // which cannot be deleted, nor the group with it
        await lab.DoneAsync(sandbox, Lab.Delete(bridge));

        await lab.Kernel.WhenReapedAsync();
        Assert.Equal(1, lab.Directory.Doomed.Postponements);
        Assert.Contains("nx", Lab.Run("ip", "-n", name, "-br", "link"), StringComparison.Ordinal);

        Lab.Run("ip", "-n", name, "link", "set", "dev", "lo", "group", "0");
        await Lab.UntilAsync(() => !Links().Contains("nx", StringComparison.Ordinal), Links);

        string Links() => Lab.Run("ip", "-n", name, "-br", "link");
    }

    [Fact]
    public async Task Links_left_cut_by_a_killed_process_are_reaped_at_the_next_start()
    {
        await using var lab = Lab.Open();
        Lab.Run("ip", "link", "add", lab.Veth(1), "type", "veth", "peer", "name", lab.Veth(2));
        Lab.Run("ip", "link", "set", lab.Veth(1), "alias", $"{lab.Tag}:endpoint/1");
        Lab.Run("ip", "link", "set", lab.Veth(1), "group", $"{Ownership.DoomedGroup}");
        await using var directory = new NamespaceDirectory();
        await using var kernel = new NetlinkKernel(directory);
        await kernel.WhenReapedAsync();
        Assert.Null(Lab.Link(null, lab.Veth(1)));
    }

    [Fact]
    public async Task An_attach_costs_the_same_messages_and_bytes_on_an_empty_and_on_a_full_bridge()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var early = await AttachAsync(lab, sandbox, 10);
        var others = Enumerable.Range(11, 989).Select(number => lab.Pair(sandbox, number, $"e{number:D4}").Host).ToList();
        await lab.DoneAsync(NetNs.Host, [.. others.Select(Lab.Create)]);
        var late = await AttachAsync(lab, sandbox, 1000);
        await lab.DoneAsync(NetNs.Host, [.. others.Select(Lab.Delete)]);
        Assert.Equal(early.Messages, late.Messages);
        Assert.Equal(early.Bytes, late.Bytes);
        TestContext.Current.SendDiagnosticMessage($"attach: {late}");
        Assert.True(late.Messages <= 12, late.ToString());
    }

    [Fact]
    public async Task Detaching_does_not_wait_for_the_devices_to_die()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var pairs = Enumerable.Range(1, 20).Select(number => lab.Pair(sandbox, number, $"e{number:D4}")).ToList();
        var clock = Stopwatch.StartNew();
        foreach (var (host, peer) in pairs)
        {
            await lab.DoneAsync(NetNs.Host, Lab.Create(host));
            await lab.DoneAsync(sandbox, Lab.Create(peer));
        }

        var attach = clock.Elapsed / pairs.Count;
        clock.Restart();
        foreach (var (host, peer) in pairs)
        {
            await lab.DoneAsync(sandbox, Lab.Delete(peer));
            await lab.DoneAsync(NetNs.Host, Lab.Delete(host));
        }

        var detach = clock.Elapsed / pairs.Count;
        await lab.Kernel.WhenReapedAsync();
        TestContext.Current.SendDiagnosticMessage($"attach {attach.TotalMicroseconds:f0} us, detach {detach.TotalMicroseconds:f0} us, reaped {clock.ElapsedMilliseconds} ms after the first");
        Assert.DoesNotContain("nx", Lab.Run("ip", "-br", "link"), StringComparison.Ordinal);
    }

    private static async Task<(long Messages, long Bytes, long Calls)> AttachAsync(Lab lab, NetNs sandbox, int number)
    {
        var (host, peer) = lab.Pair(sandbox, number, $"e{number:D4}");
        var before = lab.Directory.CountersOf(NetNs.Host) + lab.Directory.CountersOf(sandbox);
        await lab.DoneAsync(NetNs.Host, Lab.Create(host));
        await lab.DoneAsync(
            sandbox,
            Lab.Create(peer),
            Lab.Create(Lab.Address(sandbox, $"e{number:D4}", $"10.20.{number / 256}.{number % 256}/16")),
            Lab.Create(Lab.Address(sandbox, $"e{number:D4}", $"fd00:20::{number}/64")));
        var used = lab.Directory.CountersOf(NetNs.Host) + lab.Directory.CountersOf(sandbox) - before;
        return (used.MessagesSent, used.BytesSent, used.SendCalls + used.ReceiveCalls);
    }
}
