using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Control;

/// <summary>
/// The door of a lab that is kept: a unix socket, a request a connection. In: a line with the host (or "status"), then a
/// script; out: the exit code on a line, then what the script said.
/// </summary>
internal static class LabControl
{
    private static readonly TimeSpan s_scriptMax = TimeSpan.FromMinutes(10);

    /// <summary>Answers until cancelled.</summary>
    public static async Task ServeAsync(string path, string provider, ImmutableArray<LabHost> hosts, CancellationToken cancellationToken)
    {
        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen();
        while (!cancellationToken.IsCancellationRequested)
        {
            using var client = await listener.AcceptAsync(cancellationToken);
            try
            {
                await AnswerAsync(client, provider, hosts, cancellationToken);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // Who asked has gone.
            }
        }
    }

    /// <summary>Asks; returns the exit code, what was said goes to <paramref name="output"/>.</summary>
    public static async Task<int> AskAsync(string path, string host, string script, TextWriter output, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        _ = await socket.SendAsync(Encoding.UTF8.GetBytes($"{host}\n{script}"), cancellationToken);
        using var reader = new StreamReader(new NetworkStream(socket)); // before, for it refuses a socket that is half closed
        socket.Shutdown(SocketShutdown.Send);
        var code = await reader.ReadLineAsync(cancellationToken);
        await output.WriteAsync(await reader.ReadToEndAsync(cancellationToken));
        return int.TryParse(code, out var number) ? number : 1;
    }

    private static async Task AnswerAsync(Socket client, string provider, ImmutableArray<LabHost> hosts, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream);
        var name = await reader.ReadLineAsync(cancellationToken);
        var script = await reader.ReadToEndAsync(cancellationToken);
        var answer = name == "status" ? new Output(0, Status(provider, hosts)) : await RunAsync(hosts, name, script, cancellationToken);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{answer.Code}\n{answer.Text}"), cancellationToken);
    }

    private static async Task<Output> RunAsync(ImmutableArray<LabHost> hosts, string? name, string script, CancellationToken cancellationToken)
    {
        if (hosts.FirstOrDefault(h => h.Name == name) is not { } host)
        {
            return new Output(2, $"there is no host {name}; there are: {string.Join(", ", hosts.Select(static h => h.Name))}\n");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_scriptMax);
        return await host.TryRunAsync(script, limit.Token);
    }

    private static string Status(string provider, ImmutableArray<LabHost> hosts) =>
        string.Concat(hosts.Select(h => $"{h.Name}  {provider}  {h.Address}  {h.Address6}\n"));
}
