using System.Net.Sockets;
using System.Text;
using Networking.Netlab.Hosts;
using Networking.Netlab.Providers;
using Networking.Netlab.Scenarios;

namespace Networking.Netlab.Control;

/// <summary>
/// The door of a lab that is kept: a unix socket, a request a connection. In: a line with the host, then a script; or a line with a
/// word of the lab's own ("status"; "cut" and "mend", then a host). Out: the exit code on a line, then what was said.
/// </summary>
internal static class LabControl
{
    private static readonly TimeSpan s_scriptMax = TimeSpan.FromMinutes(10);

    /// <summary>Answers until cancelled.</summary>
    public static async Task ServeAsync(string path, LabProvider provider, CancellationToken cancellationToken)
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
                await AnswerAsync(client, provider, cancellationToken);
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

    private static async Task AnswerAsync(Socket client, LabProvider provider, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream);
        var word = await reader.ReadLineAsync(cancellationToken);
        var rest = await reader.ReadToEndAsync(cancellationToken);
        var answer = word switch
        {
            "status" => new Output(0, Status(provider)),
            "cut" or "mend" => await PlugAsync(provider, rest, word == "mend", cancellationToken),
            _ => await RunAsync(provider, word, rest, cancellationToken),
        };
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{answer.Code}\n{answer.Text}"), cancellationToken);
    }

    private static async Task<Output> RunAsync(LabProvider provider, string? name, string script, CancellationToken cancellationToken)
    {
        if (provider.Hosts.FirstOrDefault(h => h.Name == name) is not { } host)
        {
            return Unknown(provider, name);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_scriptMax);
        return await host.TryRunAsync(script, limit.Token);
    }

    private static async Task<Output> PlugAsync(LabProvider provider, string name, bool isIn, CancellationToken cancellationToken)
    {
        if (provider.Hosts.FirstOrDefault(h => h.Name == name) is not { } host)
        {
            return Unknown(provider, name);
        }

        if (!provider.Features.Contains(Feature.Cables))
        {
            return new Output(1, $"the wire of {name} cannot be cut: hosts of {provider.Name} have no cables of the lab's; try: netlab exec {name} wire loss 100%\n");
        }

        await Switch.PlugAsync(host.Number, isIn, cancellationToken);
        return new Output(0, string.Empty);
    }

    private static Output Unknown(LabProvider provider, string? name) =>
        new(2, $"there is no host {name}; there are: {string.Join(", ", provider.Hosts.Select(static h => h.Name))}\n");

    private static string Status(LabProvider provider) =>
        string.Concat(provider.Hosts.Select(h => $"{h.Name}  {provider.Name}  {h.Address}  {h.Address6}\n"));
}
