using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Entering network namespaces. A namespace belongs to a thread: every thread, timer or pool worker born on a thread
/// that is inside stays there for ever. So only raw system calls may happen between enter and leave, which
/// <see cref="NamespaceTravel"/> sees to; sockets opened there stay in the namespace and are used from anywhere.
/// </summary>
public static class NetworkNamespace
{
    private const string TasksPath = "/proc/self/task";

    /// <summary>The calling thread's namespace.</summary>
    public static FileDescriptor OpenCurrent() =>
        SystemCalls.Open("/proc/thread-self/ns/net", SystemCalls.ReadOnly, "open the thread's own network namespace");

    /// <summary>Moves the calling thread into a namespace until the scope is left.</summary>
    /// <param name="ns">Where to.</param>
    /// <param name="home">Where the thread returns to.</param>
    public static NamespaceScope Enter(FileDescriptor ns, FileDescriptor home)
    {
        ArgumentNullException.ThrowIfNull(ns);
        ArgumentNullException.ThrowIfNull(home);
        var result = Libc.setns(ns.Number, SystemCalls.NetworkNamespaceFlag);
        return result == 0 ? new NamespaceScope(home) : throw SystemCalls.Refused(Errno.Last, "enter a network namespace");
    }

    /// <summary>How many threads of this process are outside the given namespace: a self test, zero unless something leaked.</summary>
    public static int CountThreadsOutside(FileDescriptor home)
    {
        var expected = SystemCalls.IdentityOf(home);
        var outside = 0;
        foreach (var task in Directory.EnumerateDirectories(TasksPath))
        {
            // A thread may end between the listing and the look; then there is nothing to count.
            if (SystemCalls.IdentityOf(Path.Combine(task, "ns/net")) is { } identity && identity != expected)
            {
                outside++;
            }
        }

        return outside;
    }

    internal static KernelException Gone(string path, string why) =>
        SystemCalls.Refused(Errno.NoEntry, $"reach network namespace {path}", $"the namespace is gone: {why}");
}
