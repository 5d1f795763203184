using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>A network namespace as found at a path.</summary>
/// <param name="Namespace">Its cookie; <see cref="NetNs.Host"/> if it is the daemon's own.</param>
/// <param name="LinkNames">The interfaces in it, ordered, without <c>lo</c>.</param>
/// <param name="Sysctls">The sysctls asked for that exist, by path below /proc/sys.</param>
public sealed record NamespaceIdentity(
    NetNs Namespace, ImmutableArray<string> LinkNames, ImmutableSortedDictionary<string, string> Sysctls);

/// <summary>Opening, making and losing network namespaces. Every failure is a <see cref="KernelException"/> that names the path.</summary>
public interface INamespaces
{
    /// <summary>Opens the namespace at a path, says what it is, and remembers the path as the way to it.</summary>
    /// <param name="path">A bind mount such as <c>/run/netns/x</c>, or <c>/proc/PID/ns/net</c>.</param>
    /// <param name="sysctls">Values to read there, paths below /proc/sys.</param>
    /// <param name="cancellationToken">Stops waiting until the opening begins: what was opened is told, so that it can be forgotten.</param>
    Task<NamespaceIdentity> OpenAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a namespace and keeps it by a bind mount on a new file at <paramref name="path"/>; its <c>lo</c> is up. What has begun is
    /// finished and told, whether or not it is cancelled, so that it can be removed.
    /// </summary>
    Task<NamespaceIdentity> CreateAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken);

    /// <summary>
    /// Whether the path by which a namespace was opened still leads to it. Costs one stat; false also for an unknown one.
    /// </summary>
    bool IsAlive(NetNs ns);

    /// <summary>Forgets the namespace and closes every descriptor of ours that keeps it alive.</summary>
    Task ForgetAsync(NetNs ns);

    /// <summary>Forgets the namespace, unmounts <paramref name="path"/> and removes the file; absence is fine.</summary>
    Task RemoveAsync(NetNs ns, string path);
}
