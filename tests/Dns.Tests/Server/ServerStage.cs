using Networking.Model;

namespace Networking.Dns.Tests;

/// <summary>A resolver over a small town, with servers upstream that the test makes up.</summary>
internal sealed class ServerStage
{
    private readonly UpstreamGroup _group;

    public ServerStage(ForwardingOptions? options = null)
    {
        Stage = new Stage(options);
        Stage.Servers.Answers("192.0.2.1", "198.51.100.7");
        _group = Stage.Group("192.0.2.1");
        Town = new Town().WithNetwork("app", "10.20.0.0/16").WithSandbox("one", "app");
        _ = Town.Add("app", "web", "10.20.0.2");
        Resolver = new Resolver(() => Town.Names, s => s.IsForwarding && IsForwarding ? _group : null, Stage.Forwarder, Stage.Time);
    }

    public Stage Stage { get; }

    public Town Town { get; }

    public Resolver Resolver { get; }

    public bool IsForwarding { get; set; } = true;

    /// <summary>Sends a datagram and waits for what comes back; null for silence.</summary>
    public byte[]? Send(ReadOnlyMemory<byte> message, string sandbox = "one")
    {
        var server = new DatagramServer(Resolver, () => Town.SandboxOf(sandbox));
        var socket = new KeptAnswers();
        return Stage.Run(async () =>
        {
            var reply = new byte[Resolver.DatagramMax];
            var length = server.Receive(socket, message.Span, new DatagramPeer([2, 0, 1, 2, 127, 0, 0, 1]), reply);
            await server.WhenIdleAsync();
            return length > 0 ? reply[..length] : socket.Sent;
        });
    }

    public string Words(ReadOnlyMemory<byte> message) => Send(message) is { } answer ? Answer.Words(answer) : "silence";

    private sealed class KeptAnswers : IDatagramSocket
    {
        public byte[]? Sent { get; private set; }

        public bool TrySend(in DatagramPeer to, ReadOnlySpan<byte> datagram)
        {
            Assert.Equal(8, to.Length);
            Sent = datagram.ToArray();
            return true;
        }

        public void Dispose()
        {
        }
    }
}
