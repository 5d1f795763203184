using System.Diagnostics;

namespace Networking.NetnsCluster.Tests;

/// <summary>A gossip-node process on a host; a line asks, a line answers.</summary>
internal sealed class Node : IAsyncDisposable
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private Node(int host, Process process) => (Host, _process) = (host, process);

    public int Host { get; }

    public string Id { get; private set; } = string.Empty;

    /// <summary>What it said unasked of trouble.</summary>
    public List<string> Troubles { get; } = [];

    public static async Task<Node> StartAsync(Field field, int host, string key)
    {
        string[] words =
        [
            .. field.On(host), Tool.PathOf("Networking.GossipNode", "gossip-node"), $"{Field.Address(host)}:7946", key, $"{field.Folder}/state{host}", $"{Field.Address(1)}:7946", $"{Field.Address(2)}:7946",
        ];
        var node = new Node(host, Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!); // not through a shell
        node.Id = (await node.ReadAsync("ready")).Split(' ')[1];
        return node;
    }

    /// <summary>Does as told, and returns the words after the first of its answer.</summary>
    public async Task<string[]> AskAsync(string line)
    {
        await _turn.WaitAsync();
        try
        {
            await _process.StandardInput.WriteAsync(line + "\n");
            await _process.StandardInput.FlushAsync();
            return (await ReadAsync(line.Split(' ')[0])).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    /// <summary>As kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        _turn.Dispose();
    }

    private async Task<string> ReadAsync(string first)
    {
        using var late = new CancellationTokenSource(s_answer);
        while (await _process.StandardOutput.ReadLineAsync(late.Token) is { } line)
        {
            if (line.Split(' ')[0] == first)
            {
                return line;
            }

            if (line.StartsWith("trouble ", StringComparison.Ordinal))
            {
                Troubles.Add(line);
            }
        }

        throw new InvalidOperationException($"the node on host {Host} ended; it said: {string.Join('\n', Troubles)}");
    }
}
