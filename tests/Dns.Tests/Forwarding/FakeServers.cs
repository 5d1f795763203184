using System.Buffers.Binary;
using System.Net;
using System.Threading.Channels;

namespace Networking.Dns.Tests;

/// <summary>Servers made up by the test: what each does with a query, by UDP and by TCP.</summary>
internal sealed class FakeServers(TimeProvider time) : IUpstreamSockets
{
    private readonly Dictionary<IPEndPoint, Func<byte[], bool, IEnumerable<FakeReply>>> _behaviours = [];

    /// <summary>Every query that was sent, in order.</summary>
    public List<(IPEndPoint Server, byte[] Query, bool IsTcp)> Heard { get; } = [];

    /// <summary>Sockets open now, and at most.</summary>
    public int Open { get; private set; }

    public int OpenMax { get; private set; }

    /// <summary>What a server does with each query.</summary>
    public void On(string server, Func<byte[], bool, IEnumerable<FakeReply>> behaviour) =>
        _behaviours[new IPEndPoint(IPAddress.Parse(server), 53)] = behaviour;

    /// <summary>A server that answers every A question with an address.</summary>
    public void Answers(string server, string address, int afterMs = 10, uint ttl = 300) =>
        On(server, (query, _) => [FakeReply.Address(query, address, ttl, afterMs)]);

    /// <summary>A server that says nothing.</summary>
    public void IsDead(string server) => On(server, static (_, _) => []);

    public ValueTask<IUpstreamSocket> OpenUdpAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        OpenMax = Math.Max(OpenMax, ++Open);
        return new(new Udp(this, server));
    }

    public async Task<Stream> ConnectAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancellationToken);
        return new Tcp(this, server);
    }

    private List<FakeReply> Hear(IPEndPoint server, byte[] query, bool isTcp)
    {
        Heard.Add((server, query, isTcp));
        return _behaviours.TryGetValue(server, out var behaviour) ? [.. behaviour(query, isTcp)] : [];
    }

    private sealed class Udp(FakeServers servers, IPEndPoint server) : IUpstreamSocket
    {
        private readonly Channel<FakeReply> _arrived = Channel.CreateUnbounded<FakeReply>();
        private readonly CancellationTokenSource _closing = new();

        public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken)
        {
            foreach (var reply in servers.Hear(server, datagram.ToArray(), isTcp: false))
            {
                _ = ArriveAsync(reply);
            }

            return ValueTask.CompletedTask;
        }

        public async ValueTask<(int Bytes, IPEndPoint From)> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var reply = await _arrived.Reader.ReadAsync(cancellationToken);
            if (reply.Bytes is null)
            {
                throw new IOException("connection refused");
            }

            reply.Bytes.CopyTo(buffer);
            return (reply.Bytes.Length, reply.From ?? server);
        }

        public void Dispose()
        {
            servers.Open--;
            _closing.Cancel();
        }

        private async Task ArriveAsync(FakeReply reply)
        {
            await Task.WhenAny(Task.Delay(reply.After, servers.Time, _closing.Token));
            _ = _arrived.Writer.TryWrite(reply);
        }
    }

    private TimeProvider Time => time;

    private sealed class Tcp(FakeServers servers, IPEndPoint server) : MemoryStream
    {
        private readonly MemoryStream _toClient = new();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Assert.Equal(buffer.Length - 2, BinaryPrimitives.ReadUInt16BigEndian(buffer.Span));
            foreach (var reply in servers.Hear(server, buffer[2..].ToArray(), isTcp: true))
            {
                var length = new byte[2];
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)reply.Bytes!.Length); // by TCP a server answers or closes
                _toClient.Write(length);
                _toClient.Write(reply.Bytes);
            }

            _toClient.Position = 0;
            return ValueTask.CompletedTask;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _toClient.ReadAsync(buffer, cancellationToken);
    }
}

/// <summary>A datagram from a server; without bytes, its host says that nobody listens.</summary>
internal sealed record FakeReply(byte[]? Bytes, TimeSpan After, IPEndPoint? From = null)
{
    public static FakeReply Refused { get; } = new(null, TimeSpan.FromMilliseconds(1));

    public static FakeReply Address(byte[] query, string address, uint ttl = 300, int afterMs = 10) => Write(query, ResponseCode.NoError, afterMs, answers: [address], ttl: ttl);

    public static FakeReply Code(byte[] query, ResponseCode code, int afterMs = 10, uint? soa = null) => Write(query, code, afterMs, answers: [], ttl: soa ?? 0, hasAuthority: soa is not null);

    public static FakeReply Truncated(byte[] query) => Write(query, ResponseCode.NoError, 10, [], flags: DnsHeader.Truncated);

    public static FakeReply Write(
        byte[] query, ResponseCode code, int afterMs, string[] answers, uint ttl = 300, bool hasAuthority = false, ushort flags = 0)
    {
        Assert.Equal(DnsFault.None, DnsQuery.TryRead(query, out var read));
        var bytes = new byte[4096];
        var writer = Reply.Begin(read, bytes);
        foreach (var answer in answers)
        {
            var record = writer.BeginRecord(RecordSection.Answer, read.Name, RecordType.A, ttl);
            writer.PutAddress(IPAddress.Parse(answer));
            Assert.True(writer.EndRecord(record));
        }

        if (hasAuthority)
        {
            var record = writer.BeginRecord(RecordSection.Authority, Wire.Name("example.com"), RecordType.Soa, ttl);
            writer.PutAuthority(Wire.Name("ns.example.com"), Wire.Name("root.example.com"), 1, ttl);
            Assert.True(writer.EndRecord(record));
        }

        return new FakeReply(bytes[..Reply.End(ref writer, read, code, flags)], TimeSpan.FromMilliseconds(afterMs));
    }

    /// <summary>The same with one thing changed.</summary>
    public FakeReply With(Action<byte[]> change)
    {
        var bytes = Bytes!.ToArray(); // only answers are changed
        change(bytes);
        return this with { Bytes = bytes };
    }
}
