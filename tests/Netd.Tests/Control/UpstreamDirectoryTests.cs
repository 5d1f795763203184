using Networking.Dns;
using Networking.Model;
using Networking.Netd.Control;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Control;

/// <summary>Whom the host asks is followed as it changes, however the file is written.</summary>
public sealed class UpstreamDirectoryTests : IDisposable
{
    private static readonly SandboxNames s_asker = new() { Id = new SandboxId(new string('a', 64)), IsForwarding = true };

    private readonly string _folder = Directory.CreateTempSubdirectory("netd-upstream-").FullName;
    private readonly ManualTime _time = new();
    private readonly SemaphoreSlim _told = new(0);
    private readonly UpstreamDirectory _directory;

    public UpstreamDirectoryTests() =>
        _directory = new UpstreamDirectory($"{_folder}/resolv.conf", null, static _ => null, () => _told.Release(), _time) { BehindStub = $"{_folder}/behind" };

    public void Dispose()
    {
        _told.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_behind_a_link_that_is_written_anew_is_noticed()
    {
        Write("real", "nameserver 192.0.2.1\n");
        _ = File.CreateSymbolicLink($"{_folder}/resolv.conf", $"{_folder}/real");
        Assert.Equal("192.0.2.1:53", Asked());

        Write("real", "nameserver 192.0.2.2\n");
        Assert.Equal("192.0.2.1:53", Asked());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("192.0.2.2:53", Asked());
        await AssertToldAsync();
    }

    [Fact]
    public async Task Servers_behind_the_stub_are_followed_though_the_file_with_the_stub_stays()
    {
        Write("resolv.conf", "nameserver 127.0.0.53\n");
        Write("behind", "nameserver 192.0.2.1\n");
        Assert.Equal("192.0.2.1:53", Asked());

        Write("behind", "nameserver 192.0.2.2\n");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("192.0.2.2:53", Asked());
        await AssertToldAsync();
    }

    [Fact]
    public async Task Other_words_with_the_same_servers_are_told_and_nobody_else_is_asked()
    {
        Write("resolv.conf", "nameserver 192.0.2.1\n");
        var group = _directory.For(s_asker);
        Write("resolv.conf", "nameserver 192.0.2.1\nsearch lan\n");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Same(group, _directory.For(s_asker));
        await AssertToldAsync();

        File.SetLastWriteTimeUtc($"{_folder}/resolv.conf", DateTime.UnixEpoch);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Same(group, _directory.For(s_asker));
        Assert.Equal(0, _told.CurrentCount);
    }

    private void Write(string name, string text) => File.WriteAllText($"{_folder}/{name}", text);

    private string Asked() => string.Join(' ', _directory.For(s_asker)!.Servers.Select(static s => s.Address)); // the host has one

    private async Task AssertToldAsync() => Assert.True(await _told.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
}
