using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Tests.Control;

/// <summary>Namespaces by path, as many as a test likes.</summary>
internal sealed class FakeNamespaces : INamespaces
{
    private readonly Dictionary<string, NetNs> _byPath = [];
    private readonly HashSet<NetNs> _forgotten = [];
    private ulong _made;

    /// <summary>Goes on behind each opening, before whoever asked does.</summary>
    public Func<NetNs, Task>? Opened { get; set; }

    public NetNs Add(string path)
    {
        var ns = new NetNs(_made++ + 1000);
        _byPath[path] = ns;
        return ns;
    }

    public void Lose(string path) => _byPath.Remove(path);

    public async Task<NamespaceIdentity> OpenAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken)
    {
        if (!_byPath.TryGetValue(path, out var ns))
        {
            throw new KernelException($"nothing is at {path}");
        }

        _ = _forgotten.Remove(ns);
        await (Opened?.Invoke(ns) ?? Task.CompletedTask);
        return new NamespaceIdentity(ns, [], ImmutableSortedDictionary<string, string>.Empty);
    }

    public Task<NamespaceIdentity> CreateAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken)
    {
        _ = Add(path);
        return OpenAsync(path, sysctls, cancellationToken);
    }

    public bool IsAlive(NetNs ns) => _byPath.ContainsValue(ns) && !_forgotten.Contains(ns);

    public Task ForgetAsync(NetNs ns)
    {
        _ = _forgotten.Add(ns);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(NetNs ns, string path)
    {
        Lose(path);
        return Task.CompletedTask;
    }
}
