namespace Networking.Netd.Tests.Control;

/// <summary>For fakes that work at once.</summary>
internal static class TaskAssert
{
    /// <summary>The task has to be done already.</summary>
    public static void AssertDone(this Task task) => Assert.Equal(TaskStatus.RanToCompletion, task.Status);
}
