using Networking.Kernel;
using Networking.Netlink;

namespace Networking.NetnsFirewall.Tests;

/// <summary>Applies operations in the namespace of the calling thread.</summary>
internal static class Firewall
{
    public static void Apply(params KernelOperation[] operations)
    {
        using var channel = new NetfilterSocket();
        using var transport = new FirewallTransport(channel);
        Assert.Empty(Errors(transport.Apply(operations)));
    }

    public static IEnumerable<string> Errors(OperationResult[] results) =>
        results.Where(static r => !r.IsDone).Select(static r => r.Error!.ToString()); // not done: has one
}
