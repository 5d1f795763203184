using System.Buffers;
using Networking.Model;

namespace Networking.Dns;

/// <summary>Answers the datagrams of one sandbox. It costs the sandbox an object of a few words: whoever moves the datagrams has the thread and the buffers.</summary>
public sealed class DatagramServer : IDatagramReceiver
{
    private readonly Resolver _resolver;
    private readonly Func<SandboxId> _sandbox;
    private readonly RunningAnswers _running = new();

    /// <param name="resolver">Answers.</param>
    /// <param name="sandbox">Whose datagrams come here.</param>
    public DatagramServer(Resolver resolver, Func<SandboxId> sandbox) => (_resolver, _sandbox) = (resolver, sandbox);

    /// <inheritdoc/>
    public int Receive(IDatagramSocket socket, ReadOnlySpan<byte> datagram, in DatagramPeer from, Span<byte> reply)
    {
        var sandbox = _sandbox();
        var length = _resolver.Answer(sandbox, datagram, isStream: false, reply, out var upstream);
        if (upstream is not null)
        {
            _running.Add(AskAsync(sandbox, upstream, socket, datagram.ToArray(), from));
        }

        return length;
    }

    /// <summary>Waits for what is being fetched, at most until its deadline.</summary>
    public Task WhenIdleAsync() => _running.WhenAllAsync();

    private async Task AskAsync(SandboxId sandbox, UpstreamGroup upstream, IDatagramSocket socket, byte[] message, DatagramPeer from)
    {
        var reply = ArrayPool<byte>.Shared.Rent(Resolver.DatagramMax);
        try
        {
            var length = await _resolver.AskAsync(sandbox, upstream, message, isStream: false, reply.AsMemory(0, Resolver.DatagramMax));
            _ = socket.TrySend(from, reply.AsSpan(0, length)); // what is lost is asked again
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(reply);
        }
    }
}
