using Networking.Netd.Watch;

namespace Networking.Netd.Tests;

/// <summary>Which socket a service manager handed over, by sd_listen_fds(3).</summary>
public sealed class InheritedSocketTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("42", null)]
    [InlineData("42", "0")]
    [InlineData("42", "x")]
    [InlineData("41", "1")] // meant for another process, from which the environment was inherited
    [InlineData("-42", "1")]
    public void Nothing_was_handed_over(string? pid, string? count) => Assert.Null(InheritedSocket.Read(pid, count, null, 42));

    [Fact]
    public void One_socket_is_the_first_descriptor_after_the_standard_ones() =>
        Assert.Equal(3ul, InheritedSocket.Read("42", "1", null, 42)?.Handle);

    [Fact]
    public void Several_sockets_are_refused_by_number()
    {
        var error = Assert.Throws<IOException>(static () => InheritedSocket.Read("42", "2", null, 42));
        Assert.Contains("2 sockets", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "a-kept-one", null)]
    [InlineData("3", "a-kept-one:netd.socket:another", 4)]
    [InlineData("1", "unknown", 3)]
    public void What_the_service_manager_kept_for_us_is_no_listener(string count, string names, int? handle) =>
        Assert.Equal((ulong?)handle, InheritedSocket.Read("42", count, names, 42)?.Handle);
}
