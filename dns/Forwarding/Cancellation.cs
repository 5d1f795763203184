namespace Networking.Dns;

/// <summary>Cancelling within the caller's own time: what waits goes on before this returns, and not on a thread of the pool.</summary>
internal static class Cancellation
{
    /// <summary>Ends whatever has the token.</summary>
    public static void End(CancellationTokenSource source) => source.Cancel();
}
