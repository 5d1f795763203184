using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netd.Tests;

/// <summary>A second netd is kept out, every time with the first one's name; others who take the name keep nobody out.</summary>
public sealed class NamespaceClaimTests
{
    private readonly string _name = $"\0netd-test {Guid.CreateVersion7()}";
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task Who_has_it_is_named_however_often_it_is_asked()
    {
        await using (var first = await NamespaceClaim.TakeAsync(_warnings.Add, _name))
        {
            Assert.NotNull(first);
            for (var i = 0; i < 5; i++)
            {
                var refused = await Assert.ThrowsAsync<KernelException>(() => NamespaceClaim.TakeAsync(_warnings.Add, _name));
                Assert.StartsWith($"the network namespace has a netd already: process {Environment.ProcessId} (", refused.Message, StringComparison.Ordinal);
            }
        }

        await using var next = await NamespaceClaim.TakeAsync(_warnings.Add, _name);
        Assert.NotNull(next);
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_name_that_somebody_has_who_never_answers_is_told_and_keeps_nobody_out()
    {
        using var squatter = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        squatter.Bind(new UnixDomainSocketEndPoint(_name));
        Assert.Null(await NamespaceClaim.TakeAsync(_warnings.Add, _name));
        Assert.Contains("does not answer", Assert.Single(_warnings), StringComparison.Ordinal);
    }
}
