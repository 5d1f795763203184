using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Tests.Control;

/// <summary>Sandboxes as a request would find them, by path: the one that is known there, else a new one.</summary>
internal static class Candidates
{
    /// <param name="state">What is known.</param>
    /// <param name="path">Where the sandbox is, which is its name too.</param>
    /// <param name="fresh">Makes the identity of a new one.</param>
    /// <param name="bootId">Of the host.</param>
    /// <param name="created">When a new one is made.</param>
    public static SandboxCandidate At(NodeState state, string path, Func<(SandboxId Id, NetNs Namespace)> fresh, string bootId, DateTimeOffset created)
    {
        if (state.SandboxNames.TryGetValue(path, out var known))
        {
            return new SandboxCandidate(state.Sandboxes[known].Record, []);
        }

        var (id, ns) = fresh();
        return new SandboxCandidate(
            new SandboxRecord { Id = id, Name = path, Owner = SandboxOwner.Path, Path = path, Namespace = ns, BootId = bootId, Created = created }, []);
    }
}
