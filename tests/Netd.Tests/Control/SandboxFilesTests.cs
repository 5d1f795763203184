using System.Net;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Tests.Control;

/// <summary>resolv.conf of sandboxes: what is taken over from the host's, and whose the file is.</summary>
public sealed class SandboxFilesTests : IDisposable
{
    private static readonly IPAddress Resolver = IPAddress.Parse("127.0.0.11");
    private readonly string _folder = Directory.CreateTempSubdirectory("netd-files").FullName;
    private readonly SandboxRecord _sandbox = new()
    {
        Id = new SandboxId(new string('a', 64)),
        Name = "web",
        Owner = SandboxOwner.Daemon,
        Path = "/run/netns/web",
        Namespace = new NetNs(7),
        BootId = "boot",
        Created = DateTimeOffset.UnixEpoch,
    };

    private SandboxFiles Files => new($"{_folder}/sandboxes", $"{_folder}/resolv.conf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("nameserver 192.0.2.1\n", "options ndots:0\n")]
    [InlineData("search a.test b.test\noptions ndots:2 rotate\n", "search a.test b.test\noptions ndots:2 rotate\n")] // the user's ndots
    [InlineData("search a.test\nsearch b.test\n", "search b.test\noptions ndots:0\n")] // the last counts
    [InlineData("domain c.test\noptions  timeout:1\noptions\tattempts:3\n", "search c.test\noptions timeout:1 attempts:3 ndots:0\n")]
    [InlineData("", "options ndots:0\n")]
    public void Search_list_and_options_are_the_hosts(string host, string expected)
    {
        var text = SandboxFiles.ResolvConf(Facts(DnsSpec.Empty), host.Split('\n'));
        var lines = text.Split('\n').Where(static l => l.Length > 0 && l[0] != '#');
        Assert.Equal($"nameserver 127.0.0.11\n{expected}", string.Join('\n', lines) + "\n");
    }

    [Fact]
    public void What_is_said_of_the_sandbox_goes_before_the_hosts()
    {
        string[] host = ["nameserver 192.0.2.1", "search a.test", "options ndots:2"];
        var said = new DnsSpec { Servers = [IPAddress.Parse("192.0.2.9")], Search = ["b.test"], Options = ["timeout:1"] };
        Assert.Contains("search b.test\noptions timeout:1 ndots:0\n# netd asks for what it does not know: 192.0.2.9 (from here)\n", SandboxFiles.ResolvConf(Facts(said), host), StringComparison.Ordinal);
        Assert.DoesNotContain("search", SandboxFiles.ResolvConf(Facts(said with { Search = [DnsSpec.NoSearch] }), host), StringComparison.Ordinal);
        Assert.Contains("search a.test\noptions timeout:1", SandboxFiles.ResolvConf(Facts(said with { Search = [] }), host), StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosts_file_has_the_loopback_and_the_sandboxs_own_addresses()
    {
        var text = SandboxFiles.Hosts(Facts(DnsSpec.Empty));
        Assert.Contains("\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\nff02::2\tip6-allrouters\n10.0.0.2\tweb.app web\nfd00::2\tweb.app web\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_was_being_written_when_the_daemon_died_is_still_ours(bool wasEmptied)
    {
        Files.Write(Facts(DnsSpec.Empty));
        var path = Files.ResolvConfOf(_sandbox.Id);
        var before = File.ReadAllText(path);
        Files.Write(Facts(new DnsSpec { Search = ["b.test"] }));
        File.WriteAllText(path, wasEmptied ? string.Empty : before);
        Files.Write(Facts(new DnsSpec { Search = ["c.test"] }));
        Assert.Contains("c.test", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_follows_the_host_until_it_is_edited()
    {
        File.WriteAllText($"{_folder}/resolv.conf", "search one.test\n");
        Files.Write(Facts(DnsSpec.Empty));
        File.WriteAllText($"{_folder}/resolv.conf", "search two.test\n");
        Files.Write(Facts(DnsSpec.Empty));
        var path = Files.ResolvConfOf(_sandbox.Id);
        Assert.Contains("search two.test", File.ReadAllText(path), StringComparison.Ordinal);

        File.AppendAllText(path, "# mine\n");
        File.WriteAllText($"{_folder}/resolv.conf", "search three.test\n");
        Files.Write(Facts(DnsSpec.Empty));
        Assert.EndsWith("# mine\n", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.DoesNotContain("three.test", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nobodys_is_removed()
    {
        Files.Write(Facts(DnsSpec.Empty));
        Files.RemoveStrays([_sandbox.Id]);
        Assert.True(File.Exists(Files.ResolvConfOf(_sandbox.Id)));
        Files.RemoveStrays([]);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{_folder}/sandboxes"));
        Files.Remove(_sandbox.Id); // once more is no error
    }

    private SandboxFileFacts Facts(DnsSpec dns) => new(
        _sandbox, Resolver, dns, [(IPAddress.Parse("10.0.0.2"), ["web.app", "web"]), (IPAddress.Parse("fd00::2"), ["web.app", "web"])]);
}
