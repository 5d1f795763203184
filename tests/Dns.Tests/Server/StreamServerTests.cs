using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Networking.Dns.Tests;

/// <summary>Questions by TCP over the loopback, and clients that mean no good.</summary>
public sealed class StreamServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);
    private readonly ServerStage _stage = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(20));
    private StreamServer? _server;
    private Task _serving = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving.WaitAsync(_deadline.Token);
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _deadline.Dispose();
    }

    [Fact]
    public async Task Several_questions_go_over_one_connection()
    {
        using var client = await ConnectAsync(new StreamLimits());
        await SendAsync(client, Framed(Wire.Query("web", RecordType.A, id: 1)), Framed(Wire.Query("nothing", RecordType.A, id: 2)));

        Assert.Equal("NoError 10.20.0.2", Answer.Words(await ReceiveAsync(client)));
        Assert.Equal("NameError", Answer.Words(await ReceiveAsync(client)));
    }

    [Fact]
    public async Task A_question_that_comes_byte_by_byte_is_a_question()
    {
        using var client = await ConnectAsync(new StreamLimits());
        foreach (var single in Framed(Wire.Query("web", RecordType.A)))
        {
            await SendAsync(client, new[] { single });
        }

        Assert.Equal("NoError 10.20.0.2", Answer.Words(await ReceiveAsync(client)));
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_a_datagram_comes_whole()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _ = _stage.Town.Add("app", $"n{i}", $"10.20.{1 + (i / 250)}.{i % 250}", aliases: ["many"]);
        }

        using var client = await ConnectAsync(new StreamLimits());
        await SendAsync(client, Framed(Wire.Query("many", RecordType.A)));

        Assert.Equal(1_001, Answer.Words(await ReceiveAsync(client)).Split(' ').Length);
    }

    [Theory]
    [InlineData("00 00")] // nothing
    [InlineData("00 05 01 02 03 04 05")] // less than a header
    [InlineData("00 0c 00 01 80 00 00 01 00 00 00 00 00 00")] // an answer
    public async Task What_is_no_question_ends_the_connection(string hex)
    {
        using var client = await ConnectAsync(new StreamLimits());
        await SendAsync(client, Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal)));

        Assert.Equal(0, await RestAsync(client));
    }

    [Theory]
    [InlineData(0)] // says nothing
    [InlineData(1)] // half a length
    [InlineData(9)] // half a question
    public async Task A_client_that_dawdles_is_left(int bytes)
    {
        using var client = await ConnectAsync(new StreamLimits { IdleMax = Short, TransferMax = Short });
        await SendAsync(client, Framed(Wire.Query("web", RecordType.A))[..bytes]);
        _ = Task.Run(() => AdvanceAsync(client), _deadline.Token);

        Assert.Equal(0, await RestAsync(client));
    }

    [Fact]
    public async Task One_sandbox_has_so_many_connections_and_no_more()
    {
        using var first = await ConnectAsync(new StreamLimits { ConnectionsPerSandboxMax = 2 });
        using var second = await ConnectAsync();
        await SendAsync(second, Framed(Wire.Query("web", RecordType.A)));
        _ = await ReceiveAsync(second); // both have been accepted
        using var third = await ConnectAsync();
        Assert.Equal(0, await RestAsync(third));

        first.Dispose();
        await UntilServedAsync();
        Assert.True(_server!.TurnedAway >= 1); // connected above
    }

    // A place that was given up is free as soon as the server has seen it.
    private async Task UntilServedAsync()
    {
        while (true)
        {
            using var client = await ConnectAsync();
            try
            {
                await SendAsync(client, Framed(Wire.Query("web", RecordType.A)));
                if (await client.ReceiveAsync(new byte[2], _deadline.Token) == 2)
                {
                    return;
                }
            }
            catch (SocketException)
            {
                // Turned away: still full.
            }
        }
    }

    private async Task AdvanceAsync(Socket client)
    {
        while (client.Connected && !_deadline.IsCancellationRequested)
        {
            _stage.Stage.Time.Advance(Short);
            await Task.Yield();
        }
    }

    private async Task<Socket> ConnectAsync(StreamLimits? limits = null)
    {
        if (limits is not null)
        {
            _server = new StreamServer(_stage.Resolver, limits, _stage.Stage.Time);
            _serving = _server.ServeAsync(_listener, static () => Town.SandboxOf("one"));
        }

        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_listener.LocalEndPoint!, _deadline.Token); // bound above
        return client;
    }

    private async Task SendAsync(Socket client, params byte[][] parts)
    {
        foreach (var part in parts)
        {
            _ = await client.SendAsync(part, _deadline.Token);
        }
    }

    private async Task<byte[]> ReceiveAsync(Socket client)
    {
        var length = await ReceiveAsync(client, 2);
        return await ReceiveAsync(client, BinaryPrimitives.ReadUInt16BigEndian(length));
    }

    private async Task<byte[]> ReceiveAsync(Socket client, int bytes)
    {
        var buffer = new byte[bytes];
        for (var at = 0; at < bytes;)
        {
            var received = await client.ReceiveAsync(buffer.AsMemory(at), _deadline.Token);
            Assert.NotEqual(0, received);
            at += received;
        }

        return buffer;
    }

    // What comes before the end; with bytes of ours unread, the end is a reset.
    private async Task<int> RestAsync(Socket client)
    {
        try
        {
            return await client.ReceiveAsync(new byte[10], _deadline.Token);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    private static byte[] Framed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];
}
