using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Networking.Durability.Tests;

/// <summary>One HTTP keep-alive connection with a request every few milliseconds; a second connection would be counted.</summary>
internal sealed class HttpFlow : IAsyncDisposable
{
    private static readonly byte[] s_answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener;
    private readonly HttpClient _client;
    private readonly Task _serving;
    private readonly Task _asking;
    private int _connections;
    private long _answers;

    private HttpFlow(string fromNamespace, Socket listener, IPEndPoint to)
    {
        _listener = listener;
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(NamespaceSockets.Connect(fromNamespace, to), ownsSocket: true)),
        })
        {
            Timeout = TimeSpan.FromSeconds(20),
        };
        _serving = ServeAsync();
        _asking = AskAsync(new Uri($"http://{to}/"));
    }

    public int Connections => Volatile.Read(ref _connections);

    public long Answers => Interlocked.Read(ref _answers);

    public string? Failure => _asking.Exception?.InnerException?.Message ?? _serving.Exception?.InnerException?.Message;

    public static HttpFlow Start(string fromNamespace, string toNamespace, IPEndPoint to) => new(fromNamespace, NamespaceSockets.Listen(toNamespace, to), to);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _client.Dispose();
        _listener.Dispose();
        await Task.WhenAny(Task.WhenAll(_serving, _asking));
        _stop.Dispose();
    }

    private async Task AskAsync(Uri uri)
    {
        while (!_stop.IsCancellationRequested)
        {
            _ = await _client.GetStringAsync(uri, _stop.Token);
            _ = Interlocked.Increment(ref _answers);
            await Task.Delay(5, _stop.Token);
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var connection = await _listener.AcceptAsync(_stop.Token);
            _ = Interlocked.Increment(ref _connections);
            await ServeAsync(connection);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using var stream = new NetworkStream(connection, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (line.Length == 0)
            {
                await stream.WriteAsync(s_answer, _stop.Token);
            }
        }
    }
}
