namespace Networking.Netctl.Output;

/// <summary>One line that says that we wait, what for and how long; it goes away when the wait ends.</summary>
internal static class Progress
{
    /// <summary>Shorter waits need no word.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const string EraseLine = "\r\e[K";

    /// <summary>Awaits the work and shows the line every while until it ends.</summary>
    public static async Task<T> ShowAsync<T>(
        Task<T> work, string what, TextWriter writer, TimeProvider time, TimeSpan patience)
    {
        var start = time.GetTimestamp();
        var isShown = false;
        try
        {
            while (!await EndsWithinAsync(work, patience, time))
            {
                isShown = true;
                await writer.WriteAsync(Line(what, time.GetElapsedTime(start)));
                await writer.FlushAsync();
            }

            return await work;
        }
        finally
        {
            if (isShown)
            {
                await writer.WriteAsync(EraseLine);
                await writer.FlushAsync();
            }
        }
    }

    /// <summary>The line.</summary>
    public static string Line(string what, TimeSpan elapsed) =>
        $"{EraseLine}{what} … {(int)elapsed.TotalSeconds} s (Ctrl-C stops waiting)";

    private static async Task<bool> EndsWithinAsync<T>(Task<T> work, TimeSpan patience, TimeProvider time)
    {
        using var stop = new CancellationTokenSource();
        var ended = await Task.WhenAny(work, Task.Delay(patience, time, stop.Token)) == work;
        await stop.CancelAsync();
        return ended;
    }
}
