using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// The firewall of one namespace. The nf_tables codec implements it, and in the host's namespace one that knows iptables as
/// well; without any the lane refuses by name.
/// </summary>
public interface IFirewallTransport : IDisposable
{
    /// <summary>Commits the operations as one transaction: one refusal refuses all.</summary>
    OperationResult[] Apply(ReadOnlySpan<KernelOperation> operations);

    /// <summary>Reads our table with everything in it, and our rules in chains of others.</summary>
    /// <param name="wanted">
    /// What somebody wants: rules in chains of others, whose chains are read in any case; and objects of iptables, whose rules are
    /// known by them.
    /// </param>
    IEnumerable<KernelObject> Observe(IReadOnlyCollection<KernelObject> wanted);
}

/// <summary>Makes the transport of a namespace over a socket opened there; the transport owns the socket.</summary>
public delegate IFirewallTransport FirewallTransportFactory(NetNs ns, NetlinkSocket socket);

/// <summary>Stands where no firewall codec is wired: reads nothing and refuses every change.</summary>
public sealed class NullFirewallTransport : IFirewallTransport
{
    private readonly NetlinkSocket _socket;

    /// <summary>Creates the transport.</summary>
    public NullFirewallTransport(NetlinkSocket socket) => _socket = socket;

    /// <inheritdoc/>
    public OperationResult[] Apply(ReadOnlySpan<KernelOperation> operations)
    {
        var results = new OperationResult[operations.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = new OperationResult(SystemCalls.ErrorOf(
                Errno.NotSupported, $"{OperationText.Of(operations[i])}", "no firewall backend is wired into this process"));
        }

        return results;
    }

    /// <inheritdoc/>
    public IEnumerable<KernelObject> Observe(IReadOnlyCollection<KernelObject> wanted) => [];

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
