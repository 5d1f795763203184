using System.Globalization;
using System.Net.Sockets;

namespace Networking.Netlab.Providers;

/// <summary>The line to the agent in a machine: numbers of scripts out, "ready" and "done NUMBER" in.</summary>
internal sealed class MachineChannel : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private readonly Socket _socket;
    private readonly StreamReader _reader;

    private MachineChannel(Socket socket)
    {
        _socket = socket;
        _reader = new StreamReader(new NetworkStream(socket));
    }

    /// <summary>Connects as soon as the machine's own program listens.</summary>
    public static async Task<MachineChannel> OpenAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new MachineChannel(socket);
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(s_look, cancellationToken);
            }
        }
    }

    public Task ReadyAsync(CancellationToken cancellationToken) => ExpectAsync("ready", cancellationToken);

    public Task DoneAsync(int number, CancellationToken cancellationToken) =>
        ExpectAsync(string.Create(CultureInfo.InvariantCulture, $"done {number}"), cancellationToken);

    public async Task WriteAsync(int number, CancellationToken cancellationToken) =>
        _ = await _socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number}\n")), cancellationToken);

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }

    // Lines of scripts that nobody waits for any more are passed over.
    private async Task ExpectAsync(string line, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await _reader.ReadLineAsync(cancellationToken) ?? throw new IOException("the machine has ended");
            if (found.Trim() == line)
            {
                return;
            }
        }
    }
}
