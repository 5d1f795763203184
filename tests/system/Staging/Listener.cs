using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Networking.Daemon.Tests.Staging;

/// <summary><c>tcpdump</c> on an interface, from the moment it listens to the end of the stage.</summary>
internal sealed class Listener
{
    private readonly ConcurrentQueue<string> _heard = new();

    private Listener()
    {
    }

    /// <summary>What was heard, a line a packet.</summary>
    public IReadOnlyCollection<string> Lines => _heard;

    public static async Task<Listener> StartAsync(Stage stage, Place place, string link, string filter)
    {
        var listener = new Listener();
        var isReady = new TaskCompletionSource();
        var process = place.Start("tcpdump", "-l", "-n", "-e", "-U", "--immediate-mode", "-i", link, filter);
        _ = stage.Keep(new Ending(process));
        process.OutputDataReceived += (_, line) => listener._heard.Enqueue(line.Data ?? string.Empty);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("listening on", StringComparison.Ordinal) == true)
            {
                _ = isReady.TrySetResult();
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await isReady.Task.WaitAsync(TimeSpan.FromSeconds(10), Eventually.Cancel);
        return listener;
    }

    /// <summary>Asserts that a line like this comes within seconds.</summary>
    public async Task HearsAsync(string pattern) => _ = await Eventually.TrueAsync(
        TimeSpan.FromSeconds(5),
        () => _heard.Any(l => Regex.IsMatch(l, pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))),
        () => $"nothing like {pattern}\n{string.Join('\n', _heard)}");
}
