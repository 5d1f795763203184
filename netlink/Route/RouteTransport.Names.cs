using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Names: which ones a batch needs, and what they stand for.</summary>
internal sealed partial class RouteTransport : INetlinkReplies
{
    private readonly Dictionary<string, LinkIdentity> _names = [];
    private readonly List<string> _asked = [];
    private readonly Dictionary<string, NetlinkAck> _unanswered = []; // names of which the kernel did not say whether they are there

    /// <inheritdoc/>
    public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body)
    {
        if (type == RouteMessageType.NewLink)
        {
            _names[_asked[request]] = LinkIdentity.Read(body);
        }
    }

    /// <inheritdoc/>
    public void OnRestart()
    {
    }

    /// <summary>Asks for every name the batch refers to, in one send.</summary>
    private void AskForNames(ReadOnlySpan<KernelOperation> operations)
    {
        _names.Clear();
        _asked.Clear();
        _unanswered.Clear();
        foreach (var operation in operations)
        {
            switch (operation.Target)
            {
                case LinkState link:
                    WantName(link.Name);
                    WantName(link.Master);
                    WantName(LocalParentOf(link));
                    break;
                case AddressState address:
                    WantName(address.Link);
                    break;
                case RouteState route:
                    WantName(route.Link);
                    break;
                case NeighborState neighbor:
                    WantName(neighbor.Link);
                    break;
                case FdbState entry:
                    WantName(entry.Link);
                    break;
            }
        }

        Ask();
    }

    private void WantName(string? name)
    {
        // Absent until the kernel says otherwise.
        if (!string.IsNullOrEmpty(name) && _names.TryAdd(name, default))
        {
            _asked.Add(name);
            var writer = _batch.Begin();
            LinkEncoder.Get(ref writer, name);
            _ = _batch.Commit(writer);
        }
    }

    private void Ask()
    {
        if (_batch.Count > 0)
        {
            socket.Exchange(_batch.Messages, _batch.Acks, this);
        }

        for (var i = 0; i < _asked.Count; i++)
        {
            if (!_batch.Acks[i].IsDone && _batch.Acks[i].Errno != Errno.NoDevice)
            {
                _unanswered[_asked[i]] = _batch.Acks[i];
            }
        }

        _batch.Clear();
        _asked.Clear();
    }

    /// <summary>
    /// What a name stands for. A name whose meaning this batch changed is asked for again, behind what is pending.
    /// </summary>
    /// <exception cref="KernelException">The kernel did not say.</exception>
    private LinkIdentity Identify(string name, ReadOnlySpan<KernelOperation> operations, Span<OperationResult> results)
    {
        if (!_names.TryGetValue(name, out var identity))
        {
            Flush(operations, results);
            WantName(name);
            Ask();
            identity = _names.GetValueOrDefault(name);
        }

        // Not known is not absent: a deletion would be called done.
        return _unanswered.Count > 0 && _unanswered.TryGetValue(name, out var ack)
            ? throw SystemCalls.Refused(ack.Errno, $"look for interface {name}", $"the kernel did not say whether interface {name} is there")
            : identity;
    }

    /// <summary>Finds what an operation's names stand for.</summary>
    /// <returns>False if there is nothing to send: refused with <paramref name="error"/>, or done already.</returns>
    private bool TryResolve(
        KernelOperation operation,
        ReadOnlySpan<KernelOperation> operations,
        Span<OperationResult> results,
        out References references,
        out KernelError? error)
    {
        references = default;
        error = null;
        switch (operation.Target)
        {
            case LinkState link:
                return TryResolveLink(operation, link, operations, results, out references, out error);
            case RuleState:
                return true;
        }

        var name = operation.Target switch
        {
            AddressState address => address.Link,
            RouteState route => route.Link,
            NeighborState neighbor => neighbor.Link,
            FdbState entry => entry.Link,
            _ => string.Empty,
        };
        var identity = Identify(name, operations, results);
        references = new References { LinkIndex = identity.Index };
        return identity.IsThere || Absent(operation, name, out error);
    }

    /// <summary>Deleting from an interface that is gone is done; anything else is refused. Always false.</summary>
    private static bool Absent(KernelOperation operation, string name, out KernelError? error)
    {
        error = operation.Verb == OperationVerb.Delete
            ? null
            : SystemCalls.ErrorOf(Errno.NoDevice, OperationText.Of(operation), $"there is no interface {name}");
        return false;
    }
}
