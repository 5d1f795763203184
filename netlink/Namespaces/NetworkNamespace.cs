using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Where threads are. A namespace belongs to a thread, and every thread, timer or pool worker born by one that is inside
/// stays there for ever; so only <see cref="NamespaceTravel"/> enters one. Sockets opened there are used from anywhere.
/// </summary>
public static class NetworkNamespace
{
    private const string TasksPath = "/proc/self/task";

    /// <summary>The calling thread's namespace.</summary>
    public static FileDescriptor OpenCurrent() =>
        SystemCalls.Open("/proc/thread-self/ns/net", SystemCalls.ReadOnly, "open the thread's own network namespace");

    /// <summary>A namespace by its path.</summary>
    /// <exception cref="KernelException">Nothing is there, or something else.</exception>
    internal static FileDescriptor Open(string path, string operation)
    {
        // Looked at before it is opened: a FIFO would hold the thread until somebody writes into it, and devices do something.
        var fd = SystemCalls.TryOpen(SystemCalls.Terminated(path), SystemCalls.PathOnly);
        using var named = fd >= 0 ? new FileDescriptor(fd) : throw new KernelException(SystemCalls.ErrorOf(-fd, operation)) { IsNamespaceGone = -fd == Errno.NoEntry };
        if (!SystemCalls.IsNamespace(named))
        {
            throw SystemCalls.Refused(Errno.Invalid, operation, "it is an ordinary file, not a namespace");
        }

        var descriptor = SystemCalls.Open($"/proc/self/fd/{named.Number}", SystemCalls.ReadOnly, operation);
        if (SystemCalls.NotANetworkNamespace(descriptor) is not { } what)
        {
            return descriptor;
        }

        descriptor.Dispose();
        throw SystemCalls.Refused(Errno.Invalid, operation, $"it is {what}");
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

    /// <summary>The calling thread's namespace by a raw call: a descriptor, or a negative errno. It keeps no mount busy.</summary>
    internal static int TryOpenCurrent() => SystemCalls.TryOpen("/proc/thread-self/ns/net\0"u8, SystemCalls.ReadOnly);

    internal static KernelException Gone(string path, string why) =>
        new(SystemCalls.ErrorOf(Errno.NoEntry, $"reach network namespace {path}", $"the namespace is gone: {why}")) { IsNamespaceGone = true };
}
