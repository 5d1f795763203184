using Networking.Netd.Control;

namespace Networking.Netd.Watch;

/// <summary>
/// Does again what the store could not take, on a full disk say, until it takes it: nobody waits who could be told, and the
/// daemon is needed most then.
/// </summary>
internal static class UntilTaken
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <param name="work">What is done; it looks anew each time.</param>
    /// <param name="what">What it is about, for the log: told once, however long it takes.</param>
    /// <param name="time">Clock of the pauses.</param>
    /// <param name="logger">Takes it.</param>
    /// <param name="cancellationToken">Ends the trying.</param>
    public static async Task RunAsync(Func<Task> work, string what, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        for (var isTold = false; ; isTold = true)
        {
            try
            {
                await work();
                return;
            }
            catch (RefusedException e) when (e.Refusal.HttpStatus == 503)
            {
                if (!isTold)
                {
                    Log.Postponed(logger, what, e.Message);
                }
            }

            await Task.Delay(s_pause, time, cancellationToken);
        }
    }
}
