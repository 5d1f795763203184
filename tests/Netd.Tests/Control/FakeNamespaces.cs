using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Tests.Control;

/// <summary>Namespaces by path, as many as a test likes.</summary>
internal sealed class FakeNamespaces : INamespaces
{
    private readonly Dictionary<string, NetNs> _byPath = [];

    public NetNs Add(string path)
    {
        var ns = new NetNs((ulong)_byPath.Count + 1000);
        _byPath[path] = ns;
        return ns;
    }

    public void Lose(string path) => _byPath.Remove(path);

    public Task<NamespaceIdentity> OpenAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken) =>
        _byPath.TryGetValue(path, out var ns)
            ? Task.FromResult(new NamespaceIdentity(ns, [], ImmutableSortedDictionary<string, string>.Empty))
            : throw new KernelException($"nothing is at {path}");

    public Task<NamespaceIdentity> CreateAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken)
    {
        _ = Add(path);
        return OpenAsync(path, sysctls, cancellationToken);
    }

    public bool IsAlive(NetNs ns) => _byPath.ContainsValue(ns);

    public Task ForgetAsync(NetNs ns) => Task.CompletedTask;

    public Task RemoveAsync(NetNs ns, string path)
    {
        Lose(path);
        return Task.CompletedTask;
    }
}
