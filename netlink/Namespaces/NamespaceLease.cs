namespace Networking.Netlink;

/// <summary>The use of a namespace's open handle; it is not closed before the lease is returned.</summary>
internal readonly struct NamespaceLease(NamespaceHandle handle) : IDisposable
{
    public NamespaceHandle Handle { get; } = handle;

    public void Dispose() => Handle.Return();
}
