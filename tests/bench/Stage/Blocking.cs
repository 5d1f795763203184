namespace Networking.Bench;

/// <summary>Waits for tasks: the benchmark measures on one thread of its own, which has nothing else to do.</summary>
internal static class Blocking
{
#pragma warning disable VSTHRD002 // no synchronisation context, and no pool thread, waits here
    public static T Get<T>(Task<T> task) => task.GetAwaiter().GetResult();

    public static void Finish(ValueTask task) => task.AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
