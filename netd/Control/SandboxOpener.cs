using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Requests;

namespace Networking.Netd.Control;

/// <summary>Finds the sandbox a user named, opening its namespace if it is not known yet.</summary>
internal sealed class SandboxOpener(INamespaces namespaces, IIdSource ids, TimeProvider time, string bootId)
{
    /// <summary>The sandbox to connect, or what is wrong with its name.</summary>
    /// <param name="state">What is granted.</param>
    /// <param name="text">What the user called it.</param>
    /// <param name="isHosts">Whether it shall be in the host's own namespace.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<SandboxCandidate?> OpenAsync(
        NodeState state, string text, bool isHosts, List<Problem> problems, CancellationToken cancellationToken)
    {
        switch (SandboxReference.Parse(text))
        {
            case SandboxReference.ByPath byPath:
                return await OpenAsync(state, SandboxOwner.Path, byPath.Path, byPath.Path, null, isHosts: false, problems, cancellationToken);
            case SandboxReference.ByProcess process:
                return await OpenAsync(
                    state, SandboxOwner.Process, text, $"/proc/{process.ProcessId}/ns/net", process.ProcessId, isHosts, problems, cancellationToken);
            case SandboxReference.Malformed malformed:
                problems.Add(new Problem("sandbox.invalid", "SANDBOX", malformed.Message, malformed.Hint));
                return null;
            default:
                if (Lookup.Sandbox(state, text, out var refusal) is { } known)
                {
                    return new SandboxCandidate(known.Record, known.ForeignLinks);
                }

                problems.AddRange(refusal!.Problems); // not found always says why
                return null;
        }
    }

    /// <summary>The namespace behind a path or process that should be known; null for a name.</summary>
    public async Task<NetNs?> IdentifyAsync(NodeState state, string text, CancellationToken cancellationToken)
    {
        var path = SandboxReference.Parse(text) switch
        {
            SandboxReference.ByPath byPath => byPath.Path,
            SandboxReference.ByProcess process => $"/proc/{process.ProcessId}/ns/net",
            _ => null,
        };
        if (path is null || Known(state, path) is { } known && namespaces.IsAlive(known.Record.Namespace))
        {
            return path is null ? null : Known(state, path)!.Record.Namespace;
        }

        try
        {
            return (await namespaces.OpenAsync(path, [], cancellationToken)).Namespace;
        }
        catch (KernelException)
        {
            // The namespace is gone; the endpoint may still be known by the path as its sandbox's name.
            return null;
        }
    }

    private static SandboxEntry? Known(NodeState state, string path) =>
        state.SandboxNames.TryGetValue(path, out var id) && state.Sandboxes[id].Record.Path == path ? state.Sandboxes[id] : null;

    private async Task<SandboxCandidate?> OpenAsync(
        NodeState state,
        SandboxOwner owner,
        string name,
        string path,
        int? processId,
        bool isHosts,
        List<Problem> problems,
        CancellationToken cancellationToken)
    {
        if (state.SandboxNames.TryGetValue(name, out var id) && namespaces.IsAlive(state.Sandboxes[id].Record.Namespace)
            && ProcessOwner.IsAlive(state.Sandboxes[id].Record))
        {
            return new SandboxCandidate(state.Sandboxes[id].Record, state.Sandboxes[id].ForeignLinks);
        }

        var startTicks = processId is { } pid ? ProcessOwner.StartTicks(pid) : null;
        if (processId is not null && startTicks is null)
        {
            problems.Add(new Problem("sandbox.process", "SANDBOX", $"there is no process {processId}", "give the number of a running process"));
            return null;
        }

        NamespaceIdentity identity;
        try
        {
            identity = await namespaces.OpenAsync(path, HostSysctls.OfSandbox, cancellationToken);
        }
        catch (KernelException e)
        {
            problems.Add(new Problem("sandbox.path", "SANDBOX", e.Message, "give the path of a network namespace, such as /run/netns/NAME, or pid:N"));
            return null;
        }

        // Its end is that of the process: a path to the host's namespace says nothing.
        if (identity.Namespace.IsHost && !isHosts)
        {
            problems.Add(new Problem(
                "sandbox.host", "SANDBOX", $"{name} is the host's own network namespace", "give a namespace of its own, such as /run/netns/NAME"));
            return null;
        }

        if (!identity.Namespace.IsHost && state.SandboxNamespaces.TryGetValue(identity.Namespace, out id))
        {
            return new SandboxCandidate(state.Sandboxes[id].Record, state.Sandboxes[id].ForeignLinks);
        }

        return new SandboxCandidate(
            new SandboxRecord
            {
                Id = new SandboxId(ids.NewId()),
                Name = name,
                Owner = owner,
                Path = path,
                ProcessId = processId,
                ProcessStartTicks = startTicks,
                Namespace = identity.Namespace,
                BootId = bootId,
                OriginalSysctls = identity.Namespace.IsHost ? ImmutableSortedDictionary<string, string>.Empty : identity.Sysctls,
                Created = time.GetUtcNow(),
            },
            identity.Namespace.IsHost ? [] : identity.LinkNames);
    }
}
