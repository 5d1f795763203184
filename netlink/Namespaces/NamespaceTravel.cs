using System.Runtime.ExceptionServices;

namespace Networking.Netlink;

/// <summary>
/// Raw system calls inside a foreign namespace. A lane's thread, which is nobody else's, goes in and comes home in two
/// system calls; for any other thread one is made that ends in there.
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
    /// <summary>Does the calls inside and returns when they are done.</summary>
    /// <exception cref="Kernel.KernelException">The namespace cannot be entered.</exception>
    public static void Run(FileDescriptor ns, FileDescriptor home, Action rawCalls)
    {
        if (LaneThread.Current is not null)
        {
            GoAndReturn(ns, home, rawCalls);
        }
        else
        {
            Send(ns, rawCalls);
        }
    }

    private static void GoAndReturn(FileDescriptor ns, FileDescriptor home, Action rawCalls)
    {
        Enter(ns);
        try
        {
            rawCalls();
        }
        finally
        {
            if (Libc.setns(home.Number, SystemCalls.NetworkNamespaceFlag) != 0)
            {
                // The kernel refuses only when it has no memory left. Whatever this thread did next would happen in the
                // wrong place; the next start of the process takes everything over as it stands.
                Environment.FailFast($"a thread cannot return from a foreign network namespace: {Errno.NameOf(Errno.Last)}");
            }
        }
    }

    private static void Send(FileDescriptor ns, Action rawCalls)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(ns);
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

    private static void Enter(FileDescriptor ns)
    {
        if (Libc.setns(ns.Number, SystemCalls.NetworkNamespaceFlag) != 0)
        {
            throw SystemCalls.Refused(Errno.Last, "enter a network namespace");
        }
    }
}
