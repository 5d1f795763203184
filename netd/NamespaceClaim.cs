using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Networking.Kernel;

namespace Networking.Netd;

/// <summary>
/// One daemon a network namespace: two would each take the other's links and rules for what a dead one has left. An abstract unix
/// socket stands for it: its name holds in one network namespace and goes with its process. Anybody may take that name, so it counts
/// only if whoever has it may run a netd at all.
/// </summary>
internal sealed class NamespaceClaim : IAsyncDisposable
{
    private const string Name = "\0netd is alone here";
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredentials = 17; // SO_PEERCRED
    private const int WaitingMax = 64;
    private const int TriesMax = 20;
    private const int CommandShownMax = 512;
    private static readonly TimeSpan s_betweenTries = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_betweenAnswers = TimeSpan.FromMilliseconds(10); // whoever asks in a loop keeps nobody busy

    private readonly Socket _socket;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _answering;

    private NamespaceClaim(Socket socket)
    {
        _socket = socket;
        _answering = AnswerAsync();
    }

    /// <summary>Claims the calling process's network namespace until disposed.</summary>
    /// <param name="warn">Told if somebody has the name who runs no netd; then nothing keeps a second netd away.</param>
    /// <param name="name">The name; another one in tests.</param>
    /// <returns>The claim; null after a warning.</returns>
    /// <exception cref="KernelException">Another daemon has it.</exception>
    public static async Task<NamespaceClaim?> TakeAsync(Action<string> warn, string name = Name)
    {
        for (var tries = 1; ; tries++)
        {
            if (TryListen(name) is { } socket)
            {
                return new NamespaceClaim(socket);
            }

            if (Holder(name) is { } holder)
            {
                if (holder.UserId == 0 || holder.UserId == OwnUserId())
                {
                    throw new KernelException($"the network namespace has a netd already: {Describe(holder.ProcessId)}. Stop that one, or give this one a network namespace of its own");
                }

                warn($"{Describe(holder.ProcessId)} of user {holder.UserId} has taken the name by which one netd keeps another out of its network namespace; netd starts all the same, and a second one would not be refused");
                return null;
            }

            // It ends just now or begins; a netd answers at once.
            if (tries == TriesMax)
            {
                warn("a process that does not answer has taken the name by which one netd keeps another out of its network namespace; netd starts all the same, and a second one would not be refused");
                return null;
            }

            await Task.Delay(s_betweenTries);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _socket.Dispose();
        await _answering;
        _ending.Dispose();
    }

    private static Socket? TryListen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(name));
            socket.Listen(WaitingMax);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
    }

    // Who connects learns whose it is, and no more.
    private async Task AnswerAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                (await _socket.AcceptAsync(_ending.Token)).Dispose();
            }
            catch (SocketException)
            {
                // Whoever asked has left, or there are no descriptors now.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            await Task.Delay(s_betweenAnswers);
        }
    }

    private static (int ProcessId, uint UserId)? Holder(string name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(name));
        }
        catch (SocketException)
        {
            return null;
        }

        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        _ = socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return (MemoryMarshal.Read<int>(credentials), MemoryMarshal.Read<uint>(credentials[4..]));
    }

    private static uint? OwnUserId()
    {
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(static l => l.StartsWith("Uid:", StringComparison.Ordinal)); // real, effective, …
        return uint.TryParse(line?.Split('\t').ElementAtOrDefault(2), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    private static string Describe(int processId) => processId == 0 ? "a process outside this process namespace" : $"process {processId}{CommandOf(processId)}";

    private static string CommandOf(int id)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{id}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
            return words.Length == 0 ? string.Empty : $" ({new string([.. string.Join(' ', words).Take(CommandShownMax).Select(static c => char.IsControl(c) ? ' ' : c)])})"; // anybody's words
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty; // it has gone, or is not ours to look at
        }
    }
}
