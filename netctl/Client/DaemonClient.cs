using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Networking.Netctl.Client;

/// <summary>Speaks the daemon's API: JSON over HTTP on a unix socket.</summary>
internal sealed class DaemonClient : IDisposable
{
    /// <summary>How long a reading request may take; <c>diff</c> and <c>doctor</c> read the whole kernel.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    private const long AnswerBytesMax = 256L << 20;

    private readonly DaemonAddress _address;
    private readonly HttpClient _http;

    public DaemonClient(DaemonAddress address)
    {
        _address = address;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = (_, cancellation) => OpenAsync(cancellation),
        };

        _http = new HttpClient(handler, disposeHandler: true)
        {
            BaseAddress = new Uri("http://netd"), // never resolved: the callback knows the socket
            Timeout = Timeout.InfiniteTimeSpan, // each request has its own deadline
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
    }

    /// <summary>Asks for a document.</summary>
    public Task<Fetched<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, path, body: null, type, ReadTimeout, cancellation);

    /// <summary>Sends a request without or with a body.</summary>
    public async Task<Fetched<T>> SendAsync<T>(
        HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> type, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            using var request = Request(method, path, body);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, deadline.Token);
            var json = await response.Content.ReadAsByteArrayAsync(deadline.Token);
            return response.IsSuccessStatusCode
                ? new Fetched<T>(AnswerJson.Read(json, type), json)
                : throw new DaemonRefusedException(response.StatusCode, AnswerJson.ReadError(response.StatusCode, json));
        }
        catch (HttpRequestException exception)
        {
            throw Translate(exception);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DaemonAnswerException(
                $"netd did not answer within {timeout.TotalSeconds:0} s ({method} {path})", AnswerJson.UnknownOutcome);
        }
    }

    /// <summary>Asks for lines as they come, until the daemon ends the stream.</summary>
    public async IAsyncEnumerable<string> LinesAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Get, path, body: null);
        using var response = await HeadAsync(request, cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var reader = new StreamReader(stream);
        while (await NextLineAsync(reader, cancellation) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, string path, byte[]? body)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
        }

        return request;
    }

    private async Task<HttpResponseMessage> HeadAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            var json = await response.Content.ReadAsByteArrayAsync(cancellation);
            var status = response.StatusCode;
            response.Dispose();
            throw new DaemonRefusedException(status, AnswerJson.ReadError(status, json));
        }
        catch (HttpRequestException exception)
        {
            response?.Dispose();
            throw Translate(exception);
        }
    }

    private async Task<string?> NextLineAsync(StreamReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadLineAsync(cancellation);
        }
        catch (IOException exception)
        {
            throw Translate(exception);
        }
    }

    private async ValueTask<Stream> OpenAsync(CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_address.Path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw Unreachable.Because(_address.Path, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private DaemonException Translate(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DaemonUnreachableException unreachable)
            {
                return unreachable;
            }
        }

        return exception is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }
            ? new DaemonAnswerException(
                $"what answers at {_address.Path} does not speak HTTP", "Is --host the socket of netd?", exception)
            : new DaemonAnswerException("netd ended the connection before its answer was complete", AnswerJson.UnknownOutcome, exception);
    }
}
