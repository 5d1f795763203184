using Networking.Netd.Ipam;

namespace Networking.Netd.Tests.Ipam;

/// <summary>Whom the host asks, also where systemd-resolved's own address stands for others.</summary>
public sealed class HostResolversTests : IDisposable
{
    private const string Behind = "nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch lan\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("netd-resolvers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("nameserver 127.0.0.53\noptions edns0 trust-ad\n", Behind, "192.0.2.53 2001:db8::53")]
    [InlineData("nameserver 127.0.0.53\n", null, "127.0.0.53")] // it does not say whom it asks: then it is asked itself
    [InlineData("nameserver 127.0.0.53\n", "# nobody\n", "127.0.0.53")]
    [InlineData("nameserver 198.51.100.1\nnameserver 127.0.0.1\n", Behind, "198.51.100.1 127.0.0.1")] // another program of this host's
    [InlineData("# nameserver 198.51.100.1\nnameserver\nnameserver nonsense\n", Behind, "")]
    public void Asked_are_the_servers_of_the_file_or_those_behind_the_stub(string file, string? behind, string expected) =>
        Assert.Equal(expected, string.Join(' ', HostResolvers.ReadForAsking(Write("resolv.conf", file), Write("behind", behind))));

    [Theory]
    [InlineData("nameserver 127.0.0.53\n", Behind, "192.0.2.53 2001:db8::53")]
    [InlineData("nameserver 127.0.0.53\n", null, "")]
    [InlineData("nameserver 198.51.100.1\nnameserver 127.0.0.1\n", Behind, "198.51.100.1")]
    public void Reserved_are_those_that_are_not_on_this_host(string file, string? behind, string expected) =>
        Assert.Equal(expected, string.Join(' ', HostResolvers.Read(Write("resolv.conf", file), Write("behind", behind))));

    private string Write(string name, string? text)
    {
        var path = Path.Combine(_folder, name);
        if (text is not null)
        {
            File.WriteAllText(path, text);
        }

        return path;
    }
}
