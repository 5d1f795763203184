using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netns.Tests;

/// <summary>Ways to namespaces: what a path is, what happens when it changes, and that no thread ever stays inside.</summary>
public sealed class NamespaceTests
{
    [Fact]
    public async Task Two_hundred_jobs_leave_no_thread_in_a_foreign_namespace()
    {
        await using var lab = Lab.Open(handlesMax: 2);
        var home = NamespaceOfThread();
        var sandboxes = new List<NetNs>();
        for (var i = 0; i < 4; i++)
        {
            sandboxes.Add((await lab.SandboxAsync()).Namespace);
        }

        for (var i = 0; i < 200; i++)
        {
            var ns = sandboxes[i % sandboxes.Count];
            await lab.DoneAsync(ns, Lab.Create(new SysctlState { Namespace = ns, Path = "net/ipv4/ip_forward", Value = $"{i % 2}" }));
        }

        // The runtime's own short-lived threads may have been born while we were inside; they end by themselves.
        await Lab.UntilAsync(() => lab.Directory.CountStrayThreads() == 0, () => $"{lab.Directory.CountStrayThreads()} threads outside");
        Assert.True(lab.Directory.OpenCount <= 2);
        var seen = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(NamespaceOfThread)));
        Assert.All(seen, inode => Assert.Equal(home, inode));

        static string? NamespaceOfThread() => new FileInfo("/proc/thread-self/ns/net").LinkTarget; // net:[inode]
    }

    [Fact]
    public async Task Sysctls_are_those_of_the_sandbox_and_only_of_the_network()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var forward = new SysctlState { Namespace = sandbox, Path = "net/ipv4/conf/lo/forwarding", Value = "1", Original = "0" };
        await lab.DoneAsync(sandbox, Lab.Create(forward));
        Assert.Equal("1", Lab.Run("ip", "netns", "exec", name, "cat", "/proc/sys/net/ipv4/conf/lo/forwarding").Trim());
        await lab.AssertAsDesiredAsync(forward);
        await lab.DoneAsync(sandbox, Lab.Delete(forward));
        Assert.Equal("0", Lab.Run("ip", "netns", "exec", name, "cat", "/proc/sys/net/ipv4/conf/lo/forwarding").Trim());

        var results = await lab.ApplyAsync(
            sandbox,
            Lab.Create(forward with { Path = "kernel/hostname" }),
            Lab.Create(forward with { Path = "net/../kernel/hostname" }),
            Lab.Create(forward with { Path = "net/ipv4/conf/eth9/forwarding" }),
            Lab.Create(forward with { Path = "net/ipv4/conf/eth9/forwarding", MayBeMissing = true }));
        Assert.Equal("EPERM", results[0].Error!.ErrnoName);
        Assert.Equal("EPERM", results[1].Error!.ErrnoName);
        Assert.Equal("ENOENT", results[2].Error!.ErrnoName);
        Assert.True(results[3].IsDone);
    }

    [Fact]
    public async Task A_path_that_is_no_network_namespace_is_named_for_what_it_is()
    {
        await using var lab = Lab.Open();
        var file = await Assert.ThrowsAsync<KernelException>(() => lab.Directory.OpenAsync("/etc/hostname", [], Lab.Cancel));
        Assert.Equal("cannot open network namespace /etc/hostname: it is an ordinary file, not a namespace (EINVAL)", file.Message);
        var pipe = $"/run/netns/{lab.Bridge}";
        _ = Lab.Run("mkfifo", pipe);
        try
        {
            var waiting = await Assert.ThrowsAsync<KernelException>(() => lab.Directory.OpenAsync(pipe, [], Lab.Cancel));
            Assert.Contains("it is an ordinary file, not a namespace", waiting.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(pipe);
        }

        var mount = await Assert.ThrowsAsync<KernelException>(() => lab.Directory.OpenAsync("/proc/self/ns/mnt", [], Lab.Cancel));
        Assert.Contains("it is a mount namespace, not a network namespace", mount.Message, StringComparison.Ordinal);
        var absent = await Assert.ThrowsAsync<KernelException>(() => lab.Directory.OpenAsync("/run/netns/netd-t-none", [], Lab.Cancel));
        Assert.Equal("ENOENT", absent.Error!.ErrnoName);
        Assert.Equal(NetNs.Host, (await lab.Directory.OpenAsync("/proc/self/ns/net", [], Lab.Cancel)).Namespace);
    }

    [Fact]
    public async Task An_open_namespace_does_not_keep_its_mount_busy()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var path = $"/run/netns/{name}-again";
        await File.WriteAllTextAsync(path, string.Empty, Lab.Cancel);
        try
        {
            _ = Lab.Run("mount", "--bind", $"/run/netns/{name}", path);
            await lab.Directory.ForgetAsync(sandbox);
            Assert.Equal(sandbox, (await lab.Directory.OpenAsync(path, [], Lab.Cancel)).Namespace);
            _ = Lab.Run("umount", path); // EBUSY, were the path itself held open
            Assert.False(lab.Directory.IsAlive(sandbox));
        }
        finally
        {
            _ = Lab.TryRun("umount", "--lazy", path);
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_namespace_is_made_found_again_and_removed()
    {
        await using var lab = Lab.Open();
        var path = $"/run/netns/{lab.Bridge}";
        var made = await lab.Directory.CreateAsync(path, ["net/ipv4/ip_forward", "net/none"], Lab.Cancel);
        try
        {
            Assert.False(made.Namespace.IsHost);
            Assert.Equal(["net/ipv4/ip_forward"], made.Sysctls.Keys);
            Assert.Contains("UP", Lab.Link(lab.Bridge, "lo")!.Value.GetProperty("flags").ToString(), StringComparison.Ordinal);
            var again = await Assert.ThrowsAsync<KernelException>(() => lab.Directory.CreateAsync(path, [], Lab.Cancel));
            Assert.Equal("EEXIST", again.Error!.ErrnoName);
            Assert.Equal(made.Namespace, (await lab.Directory.OpenAsync(path, [], Lab.Cancel)).Namespace);
        }
        finally
        {
            await lab.Directory.RemoveAsync(made.Namespace, path);
        }

        Assert.False(File.Exists(path));
        await lab.Directory.RemoveAsync(made.Namespace, path);
    }

    [Fact]
    public async Task What_is_forgotten_while_somebody_opens_it_again_stays_forgotten()
    {
        await using var lab = Lab.Open(handlesMax: 1);
        var (sandbox, name) = await lab.SandboxAsync();
        var (_, other) = await lab.SandboxAsync();
        for (var round = 0; round < 120; round++)
        {
            _ = await lab.Directory.OpenAsync($"/run/netns/{name}", [], Lab.Cancel);
            _ = await lab.Directory.OpenAsync($"/run/netns/{other}", [], Lab.Cancel); // the first one's handle is closed
            var reading = Task.Run(() => Record.Exception(() => lab.Directory.CountersOf(sandbox)));
            Thread.SpinWait(round % 60 * 500);
            await lab.Directory.ForgetAsync(sandbox);
            Assert.True(await reading is null or KernelException);
            Assert.False(lab.Directory.IsAlive(sandbox), $"in round {round}");
        }
    }

    [Fact]
    public async Task Of_a_namespace_whose_maker_hangs_up_nothing_stays_that_nobody_knows()
    {
        await using var lab = Lab.Open();
        var path = $"/run/netns/{lab.Bridge}";
        for (var round = 0; round < 60; round++)
        {
            using var hangUp = new CancellationTokenSource();
            var making = lab.Directory.CreateAsync(path, [], hangUp.Token);
            Thread.SpinWait(round % 30 * 500);
            await hangUp.CancelAsync();
            try
            {
                await lab.Directory.RemoveAsync((await making).Namespace, path);
            }
            catch (OperationCanceledException)
            {
                // It had not begun.
            }

            _ = await lab.Directory.OpenAsync("/proc/self/ns/net", [], Lab.Cancel); // behind it in the same lane
            Assert.False(File.Exists(path), $"in round {round}");
            Assert.Equal(0, lab.Directory.OpenCount);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task A_namespace_replaced_under_its_path_is_not_touched(int handlesMax)
    {
        await using var lab = Lab.Open(handlesMax);
        var (sandbox, name) = await lab.SandboxAsync();
        if (handlesMax == 1)
        {
            _ = await lab.SandboxAsync(); // the first one's sockets are closed
        }

        Lab.Run("ip", "netns", "del", name);
        Lab.Run("ip", "netns", "add", name);
        var address = Lab.Address(sandbox, "lo", "10.1.0.1/24");
        var results = await lab.ApplyAsync(sandbox, Lab.Create(address), Lab.Delete(address));
        Assert.Equal("ENOENT", results[0].Error!.ErrnoName);
        Assert.Contains("the namespace is gone", results[0].Error!.KernelText, StringComparison.Ordinal);
        Assert.True(results[1].IsDone);
        Assert.DoesNotContain("10.1.0.1", Lab.Run("ip", "-n", name, "addr"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_tells_its_links_routes_and_values()
    {
        await using var lab = Lab.Open();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()), Lab.Create(Lab.Address(NetNs.Host, lab.Bridge, "10.213.0.1/24")));
        var facts = await lab.Directory.ReadAsync(["net/ipv4/ip_forward"], Lab.Cancel);
        var link = Assert.Single(facts.Links, link => link.Name == lab.Bridge);
        Assert.Equal("bridge", link.Kind);
        Assert.Equal(["10.213.0.1/24"], link.Addresses.Select(a => a.ToString()));
        Assert.Contains(facts.Routes, route => route.Destination == IPNetwork.Parse("10.213.0.0/24") && route.Link == lab.Bridge);
        Assert.True(facts.Sysctls.ContainsKey("net/ipv4/ip_forward"));
    }

    [Fact]
    public async Task Of_the_hosts_routes_those_of_the_main_table_are_asked_for_and_nobody_waits_for_them()
    {
        await using var lab = Lab.Open();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var few = await ReceivedAsync();
        var script = Path.GetTempFileName();
        await File.WriteAllLinesAsync(script, Enumerable.Range(0, 500).Select(n => $"route add 10.{n / 250}.{n % 250}.0/24 dev {lab.Bridge} table 4711"), Lab.Cancel);
        Lab.Run("ip", "-b", script);
        File.Delete(script);
        var before = lab.Directory.CountersOf(NetNs.Host);
        Assert.InRange(await ReceivedAsync(), 1, few + 10);
        Assert.Equal(before, lab.Directory.CountersOf(NetNs.Host)); // of the socket that all changes go through

        async Task<long> ReceivedAsync()
        {
            var total = lab.Directory.Traffic.Counters.MessagesReceived;
            var facts = await lab.Directory.ReadAsync([], Lab.Cancel);
            Assert.DoesNotContain(facts.Routes, static route => route.Destination == IPNetwork.Parse("10.0.7.0/24"));
            return lab.Directory.Traffic.Counters.MessagesReceived - total;
        }
    }

    [Fact]
    public async Task Announcements_reach_the_other_end_as_the_standards_want_them()
    {
        await using var lab = Lab.Open();
        var (sandbox, _) = await lab.SandboxAsync();
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        var (host, peer) = lab.Pair(sandbox, 1);
        await lab.DoneAsync(NetNs.Host, Lab.Create(host));
        await lab.DoneAsync(sandbox, Lab.Create(peer with { HasLinkLocal = false }));
        using var capture = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "tcpdump", ["-i", host.Name, "-nn", "-e", "-v", "-l", "-c", "2", "--immediate-mode", "arp or (icmp6 and ip6[40] == 136)"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        while (await capture.StandardError.ReadLineAsync(Lab.Cancel) is { } line && !line.Contains("listening", StringComparison.Ordinal))
        {
        }

        var announce = new AnnounceTransition
        {
            Namespace = sandbox,
            Link = "eth0",
            Mac = peer.Mac!.Value,
            Policy = AnnouncePolicy.Default,
            Addresses = [new InterfaceAddress(IPAddress.Parse("10.20.0.2"), 16), new InterfaceAddress(IPAddress.Parse("fd00:20::2"), 64)],
        };
        Assert.Null(await lab.Kernel.PerformAsync(announce, Lab.Cancel));
        var seen = await capture.StandardOutput.ReadToEndAsync(Lab.Cancel);
        Assert.Contains("02:42:0a:14:01:01 > ff:ff:ff:ff:ff:ff", seen, StringComparison.Ordinal);
        Assert.Contains("Request who-has 10.20.0.2 tell 10.20.0.2", seen, StringComparison.Ordinal);
        Assert.Contains("02:42:0a:14:01:01 > 33:33:00:00:00:01", seen, StringComparison.Ordinal);
        Assert.Contains("hlim 255", seen, StringComparison.Ordinal);
        Assert.Contains("[icmp6 sum ok] ICMP6, neighbor advertisement", seen, StringComparison.Ordinal);
        Assert.Contains("tgt is fd00:20::2, Flags [override]", seen, StringComparison.Ordinal);

        var error = await lab.Kernel.PerformAsync(announce with { Link = "eth7" }, Lab.Cancel);
        Assert.Equal("ENODEV", error!.ErrnoName);
    }
}
