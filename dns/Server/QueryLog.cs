using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Networking.Model;

namespace Networking.Dns;

/// <summary>
/// The questions of a sandbox for whoever wants to see them, from the moment he asks. Nothing is remembered, and without a
/// reader a question costs one look. A reader that does not keep up loses the oldest; it never holds up a resolver.
/// </summary>
public sealed class QueryLog
{
    private const int ReaderMax = 1_024;

    private ImmutableDictionary<SandboxId, ImmutableList<Channel<QueryLogEntry>>> _readers =
        ImmutableDictionary<SandboxId, ImmutableList<Channel<QueryLogEntry>>>.Empty;

    /// <summary>Whether anybody wants to see the questions of a sandbox.</summary>
    internal bool IsWanted(SandboxId sandbox) => Volatile.Read(ref _readers) is { IsEmpty: false } readers && readers.ContainsKey(sandbox);

    internal void Add(SandboxId sandbox, QueryLogEntry entry)
    {
        foreach (var reader in Volatile.Read(ref _readers).GetValueOrDefault(sandbox, []))
        {
            _ = reader.Writer.TryWrite(entry); // drops its oldest when full
        }
    }

    /// <summary>The questions of a sandbox, each with its answer, until cancelled.</summary>
    public async IAsyncEnumerable<QueryLogEntry> ReadAsync(SandboxId sandbox, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = Channel.CreateBounded<QueryLogEntry>(new BoundedChannelOptions(ReaderMax) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(
            ref _readers, static (all, added) => all.SetItem(added.Sandbox, all.GetValueOrDefault(added.Sandbox, []).Add(added.Reader)), (Sandbox: sandbox, Reader: reader));
        try
        {
            await foreach (var entry in reader.Reader.ReadAllAsync(cancellationToken))
            {
                yield return entry;
            }
        }
        finally
        {
            ImmutableInterlocked.Update(
                ref _readers,
                static (all, gone) => all.GetValueOrDefault(gone.Sandbox, []).Remove(gone.Reader) is { IsEmpty: false } rest
                    ? all.SetItem(gone.Sandbox, rest)
                    : all.Remove(gone.Sandbox),
                (Sandbox: sandbox, Reader: reader));
        }
    }
}
