using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Gives the open handle of a namespace.</summary>
internal interface INamespaceHandles
{
    /// <summary>The handle, opened if need be.</summary>
    /// <exception cref="KernelException">The namespace is unknown or gone.</exception>
    NamespaceLease Rent(NetNs ns);
}
