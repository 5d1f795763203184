using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Networking.Bench;

/// <summary>
/// HTTP/1.1 over a unix socket on one connection that stays: what it costs on this side is the same few system calls for
/// every server, so that what is measured is the server.
/// </summary>
internal sealed class ApiClient(string socketPath) : IDisposable
{
    private byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;

    /// <summary>True if the server answers this request well.</summary>
    public bool Answers(string path) => TryAsk(path);

    /// <summary>Sends a request and returns the body of the answer.</summary>
    /// <exception cref="CommandException">The server refused.</exception>
    public string Send(string method, string path, string? body)
    {
        if (_socket is { } idle && idle.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            Disconnect(); // nothing was asked, so this is its end: servers close what was long idle
        }

        var socket = _socket ??= Connect();
        var length = body is null ? 0 : Encoding.UTF8.GetByteCount(body);
        var head = $"{method} {path} HTTP/1.1\r\nHost: local\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n";
        var request = Encoding.UTF8.GetBytes(head + body);
        for (var sent = 0; sent < request.Length;)
        {
            sent += socket.Send(request.AsSpan(sent));
        }

        var (status, answer) = Receive(socket);
        return status is >= 200 and < 300 ? answer : throw new CommandException($"{method} {path}: {status} {answer}");
    }

    public JsonElement SendJson(string method, string path, string? body)
    {
        using var document = JsonDocument.Parse(Send(method, path, body));
        return document.RootElement.Clone();
    }

    public void Dispose() => Disconnect();

    private bool TryAsk(string path)
    {
        try
        {
            _ = Send("GET", path, null);
            return true;
        }
        catch (Exception e) when (e is SocketException or IOException or CommandException)
        {
            Disconnect();
            return false;
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        return socket;
    }

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private (int Status, string Body) Receive(Socket socket)
    {
        var have = 0;
        int end;
        while ((end = _buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
        {
            have += Read(socket, have);
        }

        var head = Encoding.ASCII.GetString(_buffer, 0, end);
        var status = int.Parse(head.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
        var body = end + 4;
        if (Header(head, "Transfer-Encoding") is not null)
        {
            while (!_buffer.AsSpan(body, have - body).EndsWith("0\r\n\r\n"u8))
            {
                have += Read(socket, have);
            }

            return (status, Unchunk(_buffer.AsSpan(body, have - body)));
        }

        var length = Header(head, "Content-Length") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 0;
        while (have < body + length)
        {
            have += Read(socket, have);
        }

        return (status, Encoding.UTF8.GetString(_buffer, body, length));
    }

    private int Read(Socket socket, int have)
    {
        if (have == _buffer.Length)
        {
            Array.Resize(ref _buffer, have * 2);
        }

        var count = socket.Receive(_buffer.AsSpan(have));
        return count > 0 ? count : throw new IOException("the server closed the connection");
    }

    private static string? Header(string head, string name)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line.Length > name.Length && line[name.Length] == ':')
            {
                return line[(name.Length + 1)..].Trim();
            }
        }

        return null;
    }

    private static string Unchunk(ReadOnlySpan<byte> rest)
    {
        var text = new StringBuilder();
        while (rest.IndexOf("\r\n"u8) is > 0 and var line)
        {
            var length = int.Parse(Encoding.ASCII.GetString(rest[..line]), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            if (length == 0)
            {
                break;
            }

            _ = text.Append(Encoding.UTF8.GetString(rest.Slice(line + 2, length)));
            rest = rest[(line + 2 + length + 2)..];
        }

        return text.ToString();
    }
}
