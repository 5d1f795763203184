using System.Runtime.ExceptionServices;

namespace Networking.Netlink;

/// <summary>
/// Raw system calls inside a foreign namespace. A thread that may travel goes in and comes home in two system calls;
/// for any other thread one is made that ends in there.
/// </summary>
/// <remarks>
/// <code>
/// lane's thread ──► setns(ns) → raw calls → setns(home) ──► goes on
/// other thread  ──► new thread: setns(ns) → raw calls, ends ──► goes on
/// </code>
/// A thread, a timer or a pool worker born by a thread that is inside stays there for ever, so nothing but raw calls may
/// happen between the two, and threads of the pool never travel.
/// </remarks>
internal static class NamespaceTravel
{
    [ThreadStatic]
    private static bool t_isAllowed;

    /// <summary>From now on the calling thread, which must be nobody else's, goes itself.</summary>
    public static void AllowOnThisThread() => t_isAllowed = true;

    /// <summary>Does the calls inside and returns when they are done.</summary>
    /// <exception cref="Kernel.KernelException">The namespace cannot be entered.</exception>
    public static void Run(FileDescriptor ns, FileDescriptor home, Action rawCalls)
    {
        if (t_isAllowed)
        {
            GoAndReturn(ns, home, rawCalls);
        }
        else
        {
            Send(ns, home, rawCalls);
        }
    }

    private static void GoAndReturn(FileDescriptor ns, FileDescriptor home, Action rawCalls)
    {
        var scope = NetworkNamespace.Enter(ns, home);
        try
        {
            rawCalls();
        }
        finally
        {
            if (!scope.TryLeave())
            {
                // The kernel refuses only when it has no memory left. Whatever this thread did next would happen in the
                // wrong place; the next start of the process takes everything over as it stands.
                Environment.FailFast($"a thread cannot return from a foreign network namespace: {Errno.NameOf(Errno.Last)}");
            }
        }
    }

    private static void Send(FileDescriptor ns, FileDescriptor home, Action rawCalls)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                _ = NetworkNamespace.Enter(ns, home);
                rawCalls();
            }
            catch (Exception e) // it belongs to the caller, who waits
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            Name = "netns-visit",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
