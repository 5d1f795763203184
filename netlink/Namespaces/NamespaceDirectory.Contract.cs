using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Opening, making and losing namespaces, and reading the host's: the contracts of the kernel room.</summary>
public sealed partial class NamespaceDirectory : INamespaces, IHost
{
    private const int BindMount = 4096; // MS_BIND
    private const int DetachMount = 2; // MNT_DETACH

    /// <inheritdoc/>
    public Task<NamespaceIdentity> OpenAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken) =>
        Lanes.RunAsync(NetNs.Host, Lane.Sysctl, () => Open(path, sysctls), cancellationToken, continuesInLane: true, resultMustBeTaken: true);

    /// <inheritdoc/>
    public Task<NamespaceIdentity> CreateAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken) =>
        Lanes.RunAsync(NetNs.Host, Lane.Sysctl, () => Create(path, sysctls), cancellationToken, resultMustBeTaken: true);

    /// <inheritdoc/>
    public bool IsAlive(NetNs ns)
    {
        if (ns.IsHost)
        {
            return true;
        }

        lock (_gate)
        {
            // Without an open descriptor the inode may have been reused, so a path that was replaced while nothing
            // was open counts as alive until it is used; then the cookie tells.
            return _paths.TryGetValue(ns, out var known) && SystemCalls.IdentityOf(known.Path) == known.Identity;
        }
    }

    /// <inheritdoc/>
    public Task ForgetAsync(NetNs ns) => Lanes.RunAsync(ns, Lane.Route, () => Forget(ns), CancellationToken.None);

    /// <inheritdoc/>
    public Task RemoveAsync(NetNs ns, string path) => Lanes.RunAsync(ns, Lane.Route, () => Remove(ns, path), CancellationToken.None);

    /// <inheritdoc/>
    public Task<HostFacts> ReadAsync(ImmutableArray<string> sysctls, CancellationToken cancellationToken) =>
        Background.RunAsync(NetNs.Host, Lane.Route, () => HostReader.Read(_readingSocket, ReadSysctls(NetNs.Host, sysctls)), cancellationToken);

    /// <summary>Reads values below /proc/sys/net of a namespace; those that do not exist are left out.</summary>
    internal ImmutableSortedDictionary<string, string> ReadSysctls(NetNs ns, ImmutableArray<string> paths) =>
        SysctlFiles.Read(paths, calls => RunInside(ns, calls));

    private NamespaceIdentity Open(string path, ImmutableArray<string> sysctls)
    {
        // One visit opens the socket and reads the values.
        NamespaceHandle? opened = null;
        var values = SysctlFiles.Read(sysctls, calls => opened = OpenAt(path, calls));
        var handle = opened ?? OpenAt(path);
        var isKept = false;
        try
        {
            var links = RouteReader.Links(handle.Socket, $"read the interfaces of {path}"); // first: of what fails nobody knows to forget it
            if (!handle.Namespace.IsHost)
            {
                _ = Keep(handle, path, reopened: null);
                isKept = true;
            }

            var names = links.Select(static link => link.Name).Where(static name => name != "lo").Order(StringComparer.Ordinal);
            return new NamespaceIdentity(handle.Namespace, [.. names], values);
        }
        finally
        {
            if (!isKept)
            {
                Discard(handle);
            }
        }
    }

    private NamespaceIdentity Create(string path, ImmutableArray<string> sysctls)
    {
        var operation = $"create network namespace {path}";
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            _ = Directory.CreateDirectory(parent);
        }

        SystemCalls.Open(path, SystemCalls.CreateExclusive, operation, mode: 384 /* 0600 */).Dispose();
        NamespaceIdentity? identity = null;
        try
        {
            MountNew(path, operation);
            identity = Open(path, sysctls);
            using var lease = ((INamespaceHandles)this).Rent(identity.Namespace);
            BringLoopbackUp(lease.Handle.Socket, path);
            return identity;
        }
        catch
        {
            if (identity is not null)
            {
                _ = Forget(identity.Namespace);
            }

            _ = Libc.umount2(path, DetachMount);
            _ = Libc.unlink(path);
            throw;
        }
    }

    /// <summary>The namespace is born on a thread that is thrown away: it ends without ever having come home.</summary>
    private static void MountNew(string path, string operation)
    {
        var fd = -1;
        var thread = new Thread(() =>
        {
            fd = Libc.unshare(SystemCalls.NetworkNamespaceFlag) == 0
                ? NetworkNamespace.TryOpenCurrent()
                : -Errno.Last;
        });
        thread.Start();
        thread.Join();
        if (fd < 0)
        {
            throw SystemCalls.Refused(-fd, operation);
        }

        using var descriptor = new FileDescriptor(fd);
        unsafe
        {
            if (Libc.mount($"/proc/self/fd/{fd}", path, null, BindMount, null) != 0)
            {
                throw SystemCalls.Refused(Errno.Last, $"keep network namespace {path} by a bind mount");
            }
        }
    }

    private static void BringLoopbackUp(NetlinkSocket socket, string path)
    {
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        LinkEncoder.BringUp(ref writer, "lo");
        _ = batch.Commit(writer);
        socket.Exchange(batch.Messages, batch.Acks);
        if (!batch.Acks[0].IsDone)
        {
            throw new KernelException(batch.Acks[0].ToError($"bring up lo in {path}"));
        }
    }

    private bool Forget(NetNs ns)
    {
        lock (_gate)
        {
            if (_paths.Remove(ns, out var known) && known.Id is { } id)
            {
                _ = _byId.TryRemove(KeyValuePair.Create(id, ns)); // unless the kernel has given it to another meanwhile
            }

            if (_open.TryGetValue(ns, out var node))
            {
                Close(node);
            }
        }

        Forgotten?.Invoke(ns); // nothing is asked for there any more, and no event of it is taken
        return true;
    }

    private bool Remove(NetNs ns, string path)
    {
        _ = Forget(ns);
        if (Libc.umount2(path, DetachMount) != 0 && Errno.Last is not (Errno.Invalid or Errno.NoEntry))
        {
            throw SystemCalls.Refused(Errno.Last, $"unmount network namespace {path}");
        }

        return Libc.unlink(path) == 0 || Errno.Last == Errno.NoEntry
            ? true
            : throw SystemCalls.Refused(Errno.Last, $"remove {path}");
    }
}
