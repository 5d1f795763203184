using Networking.Kernel;

namespace Networking.Netlink.Tests.Iptables;

/// <summary>Programs that cannot be run.</summary>
public sealed class ProgramRunTests
{
    [Fact]
    public void A_program_that_is_not_there_is_named_with_what_to_do()
    {
        var refusal = Assert.Throws<KernelException>(
            static () => ProgramRun.Of("/usr/sbin/no-such-iptables-save", [], string.Empty, TimeSpan.FromSeconds(5), 4096));

        Assert.False(refusal.IsNamespaceGone);
        Assert.Equal(
            "cannot run /usr/sbin/no-such-iptables-save: there is no such program (any more); install the package iptables, or run netd with --firewall nftables (ENOENT)",
            refusal.Message);
    }
}
