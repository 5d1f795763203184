using System.Net;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Tests.Control;

/// <summary>resolv.conf of sandboxes: what is taken over from the host's, and whose the file is.</summary>
public sealed class ResolverFilesTests : IDisposable
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

    private ResolverFiles Files => new($"{_folder}/sandboxes", $"{_folder}/resolv.conf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("nameserver 192.0.2.1\n", "options ndots:0\n")]
    [InlineData("search a.test b.test\noptions ndots:2 rotate\n", "search a.test b.test\noptions ndots:2 rotate\n")] // the user's ndots
    [InlineData("search a.test\nsearch b.test\n", "search b.test\noptions ndots:0\n")] // the last counts
    [InlineData("domain c.test\noptions  timeout:1\noptions\tattempts:3\n", "search c.test\noptions timeout:1 attempts:3 ndots:0\n")]
    [InlineData("", "options ndots:0\n")]
    public void Search_list_and_options_are_the_hosts(string host, string expected)
    {
        var text = ResolverFiles.Compose("web", Resolver, host.Split('\n'));
        var lines = text.Split('\n').Where(static l => l.Length > 0 && l[0] != '#');
        Assert.Equal($"nameserver 127.0.0.11\n{expected}", string.Join('\n', lines) + "\n");
    }

    [Fact]
    public void The_file_follows_the_host_until_it_is_edited()
    {
        File.WriteAllText($"{_folder}/resolv.conf", "search one.test\n");
        Files.Write(_sandbox, Resolver);
        File.WriteAllText($"{_folder}/resolv.conf", "search two.test\n");
        Files.Write(_sandbox, Resolver);
        var path = Files.PathOf(_sandbox.Id);
        Assert.Contains("search two.test", File.ReadAllText(path), StringComparison.Ordinal);

        File.AppendAllText(path, "# mine\n");
        File.WriteAllText($"{_folder}/resolv.conf", "search three.test\n");
        Files.Write(_sandbox, Resolver);
        Assert.EndsWith("# mine\n", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.DoesNotContain("three.test", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nobodys_is_removed()
    {
        Files.Write(_sandbox, Resolver);
        Files.RemoveStrays([_sandbox.Id]);
        Assert.True(File.Exists(Files.PathOf(_sandbox.Id)));
        Files.RemoveStrays([]);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{_folder}/sandboxes"));
        Files.Remove(_sandbox.Id); // once more is no error
    }
}
