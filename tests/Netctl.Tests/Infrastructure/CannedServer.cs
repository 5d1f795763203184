using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Networking.Netctl.Tests.Infrastructure;

/// <summary>A request as it came.</summary>
internal sealed record CannedRequest(string Method, string Target, string Body)
{
    public string Path => Target.Split('?')[0];

    public string Query => Target.Contains('?', StringComparison.Ordinal) ? Target.Split('?')[1] : string.Empty;
}

/// <summary>
/// HTTP/1.1 on a unix socket with answers given as bytes: also such as no honest server would send. One request a
/// connection; an answer of null never comes.
/// </summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<CannedRequest, byte[]?> _answer;
    private readonly List<Task> _connections = [];
    private readonly Task _loop;

    public CannedServer(Func<CannedRequest, byte[]?> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _loop = AcceptAsync();
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"netctl-{Guid.NewGuid():N}.sock");

    public List<CannedRequest> Requests { get; } = [];

    public static byte[] Http(int status, string body, int? length = null) => Encoding.UTF8.GetBytes(
        $"HTTP/1.1 {status} Canned\r\nConnection: close\r\nContent-Type: application/json\r\n" +
        $"Content-Length: {length ?? Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _stop.Dispose();
        File.Delete(Path);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var request = await ReadAsync(socket);
                lock (Requests)
                {
                    Requests.Add(request);
                }

                if (_answer(request) is { } answer)
                {
                    await socket.SendAsync(answer, _stop.Token);
                }
                else
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The other side went away, as some tests do, or the test is over.
            }
        }
    }

    private async Task<CannedRequest> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int head;
        while ((head = text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0 || text.Length < head + 4 + Length(text))
        {
            var count = await socket.ReceiveAsync(buffer, _stop.Token);
            if (count == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, count)); // the tests' requests are ASCII
        }

        var words = text.ToString().Split(' ', 3);
        return new CannedRequest(words[0], words[1], text.ToString()[(head + 4)..]);
    }

    private static int Length(StringBuilder text) => text.ToString().Split("\r\n")
        .Where(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
        .Select(line => int.Parse(line[16..], CultureInfo.InvariantCulture)).FirstOrDefault();
}
