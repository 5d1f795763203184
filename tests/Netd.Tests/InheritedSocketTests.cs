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
    public void Nothing_was_handed_over(string? pid, string? count) => Assert.Null(InheritedSocket.Read(pid, count, 42));

    [Fact]
    public void One_socket_is_the_first_descriptor_after_the_standard_ones() =>
        Assert.Equal(3ul, InheritedSocket.Read("42", "1", 42)?.Handle);

    [Fact]
    public void Several_sockets_are_refused_by_number()
    {
        var error = Assert.Throws<IOException>(static () => InheritedSocket.Read("42", "2", 42));
        Assert.Contains("2 sockets", error.Message, StringComparison.Ordinal);
    }
}
