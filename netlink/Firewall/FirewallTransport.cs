using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Writes and reads nf_tables through one channel of one namespace. Writing is all or nothing: a batch is one
/// transaction, which the kernel checks to its end even after a refusal, so every refused operation is named at once.
/// Used by one caller at a time.
/// <code>
/// encode ─► send ─► answers ─► none refused ─────────────────────────────► all done
///   ▲                  │ DESTROY unknown (before 6.3): once, use DEL
///   ├──────────────────┤ deletions answered ENOENT: gone already, leave them out
///   └──────────────────┘ else ─► refused by name, the others ECANCELED
/// </code>
/// </summary>
public sealed partial class FirewallTransport : IDisposable
{
    // Each round leaves out at least one absent object more: as many as the queue of answers holds, some two hundred.
    private const int RoundsMax = 64;
    private const int ReceiveBytes = 64 * 1024;

    private readonly INetfilterChannel _channel;
    private readonly FirewallCodec _codec = new();
    private readonly List<FirewallAcknowledgement> _refusals = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ReceiveBytes);
    private uint _sequence = 1;
    private bool _isDestroyProven;

    /// <summary>Creates the transport over a channel, which remains the caller's.</summary>
    public FirewallTransport(INetfilterChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        _channel = channel;
    }

    /// <summary>
    /// False once the kernel has shown that it does not know NFT_MSG_DESTROY*; may be set to false beforehand.
    /// </summary>
    public bool UsesDestroy
    {
        get => _codec.UsesDestroy;
        set => _codec.UsesDestroy = value;
    }

    /// <summary>Length of the last batch sent.</summary>
    public int LastBatchBytes { get; private set; }

    /// <summary>Messages in the last batch sent, BATCH_BEGIN and END not counted.</summary>
    public int LastBatchMessages { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _codec.Dispose();

    /// <summary>Does all operations in one transaction, or none.</summary>
    /// <returns>One result for each operation, in their order.</returns>
    /// <exception cref="KernelException">A chain that our rule shall be taken out of could not be read.</exception>
    public OperationResult[] Apply(IReadOnlyList<KernelOperation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        FindHandles(operations);
        bool[]? isAbsent = null;
        for (var round = 1; ; round++)
        {
            if (_codec.Encode(operations, _sequence, isAbsent) is { } problem)
            {
                return Refuse(operations, problem);
            }

            var batch = _codec.Batch;
            _sequence = batch.EndSequence + 1;
            if (batch.MessageCount == 0)
            {
                return new OperationResult[operations.Count];
            }

            if (Exchange(batch) is { } failure)
            {
                batch.Trim();
                return FailAll(operations, failure);
            }

            if (_refusals.Count == 0)
            {
                _isDestroyProven |= batch.HasDestroy;
                batch.Trim();
                return new OperationResult[operations.Count];
            }

            if (round == RoundsMax || !(ShallFallBack(operations) || HasFoundAbsent(operations, ref isAbsent)))
            {
                return Refuse(operations);
            }
        }
    }

    private static OperationResult[] FailAll(IReadOnlyList<KernelOperation> operations, KernelError failure)
    {
        var results = new OperationResult[operations.Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = new OperationResult(failure with { Operation = OperationText.Of(operations[i]) });
        }

        return results;
    }

    private static void CancelRest(IReadOnlyList<KernelOperation> operations, OperationResult[] results)
    {
        // Trying the others again later helps exactly if it helps the one that stood in their way.
        var isTransient = results.All(static r => r.Error?.IsTransient ?? true);
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].IsDone)
            {
                var error = FirewallErrno.ToError(
                    FirewallErrno.Canceled, OperationText.Of(operations[i]), "not done: another operation of the same batch was refused");
                results[i] = new OperationResult(error with { IsTransient = isTransient });
            }
        }
    }

    private static OperationResult[] Refuse(IReadOnlyList<KernelOperation> operations, FirewallProblem problem)
    {
        var results = new OperationResult[operations.Count];
        results[problem.Operation] = new OperationResult(
            FirewallErrno.ToError(FirewallErrno.Invalid, OperationText.Of(operations[problem.Operation]), problem.Reason));
        CancelRest(operations, results);
        return results;
    }

    private OperationResult[] Refuse(IReadOnlyList<KernelOperation> operations)
    {
        var results = new OperationResult[operations.Count];
        foreach (var refusal in _refusals)
        {
            foreach (var part in _codec.Batch.Find(refusal.Sequence, refusal.Offset))
            {
                // The first refusal is the cause; later ones of the same operation may only follow from it.
                if (results[part.Operation].IsDone)
                {
                    results[part.Operation] = new OperationResult(ErrorOf(operations[part.Operation], refusal));
                }
            }
        }

        CancelRest(operations, results);
        _codec.Batch.Trim();
        return results;
    }

    // A chain of somebody else may go at any time, between the look at it and the batch too: then it is looked at again.
    private static KernelError ErrorOf(KernelOperation operation, FirewallAcknowledgement refusal)
    {
        var error = FirewallErrno.ToError(refusal.Errno, OperationText.Of(operation), refusal.Text, refusal.Offset);
        return operation.Target is ForeignAdmissionState && refusal.Errno == FirewallErrno.NoEntry
            ? error with { KernelText = "its table or chain is not there any more", IsTransient = true }
            : error;
    }

    private bool ShallFallBack(IReadOnlyList<KernelOperation> operations)
    {
        if (!_codec.Batch.HasDestroy || _isDestroyProven)
        {
            return false;
        }

        foreach (var refusal in _refusals)
        {
            if (refusal.Errno is not (FirewallErrno.Invalid or FirewallErrno.NotSupported))
            {
                continue;
            }

            foreach (var part in _codec.Batch.Find(refusal.Sequence, refusal.Offset))
            {
                if (operations[part.Operation].Verb != OperationVerb.Create)
                {
                    _codec.UsesDestroy = false;
                    return true;
                }
            }
        }

        return false;
    }

    // DESTROY does not mind an absent object, but does mind an absent set or table around it; DEL minds both.
    private bool HasFoundAbsent(IReadOnlyList<KernelOperation> operations, ref bool[]? isAbsent)
    {
        var hasFound = false;
        foreach (var refusal in _refusals)
        {
            if (refusal.Errno != FirewallErrno.NoEntry)
            {
                continue;
            }

            foreach (var part in _codec.Batch.Find(refusal.Sequence, refusal.Offset))
            {
                if (operations[part.Operation].Verb == OperationVerb.Delete)
                {
                    isAbsent ??= new bool[operations.Count];
                    hasFound |= !isAbsent[part.Operation];
                    isAbsent[part.Operation] = true;
                }
            }
        }

        return hasFound;
    }

    /// <summary>Sends the batch and reads its answers into the list of refusals.</summary>
    /// <returns>What befell the batch as a whole; null if its messages were judged one by one.</returns>
    private KernelError? Exchange(FirewallBatch batch)
    {
        _refusals.Clear();
        LastBatchBytes = batch.Bytes.Length;
        LastBatchMessages = batch.MessageCount;
        KernelError? loss = null;
        try
        {
            _channel.Send(batch.Bytes);
            while (true)
            {
                try
                {
                    if (ReadAnswers(batch, Receive(), out var failure))
                    {
                        return failure;
                    }
                }
                catch (KernelException lost) when (lost.Error?.Errno == FirewallErrno.NoBuffers)
                {
                    // Said before the answers that did fit: they follow.
                    loss = lost.Error;
                }
            }
        }
        catch (KernelException empty) when (loss is not null && empty.Error?.Errno == FirewallErrno.Again)
        {
            // A batch that was done has one answer, which cannot fill a queue: where some answers were refusals and the rest
            // was lost, it was not done.
            return _refusals.Count > 0 ? null : loss;
        }
        catch (KernelException broken)
        {
            return broken.Error ?? FirewallErrno.ToError(FirewallErrno.Invalid, string.Empty, broken.Message);
        }
        catch (WireFormatException malformed)
        {
            return FirewallErrno.ToError(FirewallErrno.BadMessage, string.Empty, malformed.Message);
        }
    }

    private ReadOnlySpan<byte> Receive()
    {
        var length = _channel.Receive(_buffer);
        return length <= _buffer.Length
            ? _buffer.AsSpan(0, length)
            : throw new KernelException(FirewallErrno.ToError(
                FirewallErrno.MessageSize, "read an answer of nf_tables", $"cut from {length} to {_buffer.Length} bytes"));
    }

    /// <summary>
    /// True if the last answer has come. Those of an earlier batch (after a failed commit, after a loss) are passed
    /// over.
    /// </summary>
    private bool ReadAnswers(FirewallBatch batch, ReadOnlySpan<byte> datagram, out KernelError? failure)
    {
        failure = null;
        var messages = new FirewallMessageReader(datagram);
        while (messages.MoveNext())
        {
            if (messages.PortId != _channel.PortId || messages.Type != FirewallWire.MessageError
                || messages.Sequence - batch.FirstSequence > (uint)batch.MessageCount)
            {
                continue;
            }

            var answer = FirewallAcknowledgement.Read(messages);
            if (answer.Sequence == batch.FirstSequence)
            {
                failure = FirewallErrno.ToError(answer.Errno, string.Empty, answer.Text);
                return true;
            }

            if (answer.Errno != 0)
            {
                _refusals.Add(answer);
            }

            if (answer.Sequence == batch.LastSequence)
            {
                return true;
            }
        }

        return false;
    }
}
