namespace Networking.Netlink;

/// <summary>
/// One of the threads that do blocking kernel work, and how it sleeps: in the kernel and at once. The runtime's own
/// primitives spin before they sleep, which on a small machine takes the processor from the thread that is waited for.
/// </summary>
internal sealed unsafe class LaneThread : IDisposable
{
    private readonly FileDescriptor _bell = OpenBell();
    private readonly Thread _thread;

    public LaneThread(string name, Action<LaneThread> work)
    {
        _thread = new Thread(() =>
        {
            Current = this;
            work(this);
        })
        {
            IsBackground = true,
            Name = name,
        };
    }

    /// <summary>The calling thread, if it is one of these.</summary>
    [field: ThreadStatic]
    public static LaneThread? Current { get; private set; }

    /// <summary>What this thread does next, put there by itself while it worked; guarded by its owner's lock.</summary>
    public LaneKey? Next { get; set; }

    public void Start() => _thread.Start();

    /// <summary>Wakes the thread, or keeps it from falling asleep.</summary>
    public void Ring()
    {
        ulong one = 1;
        _ = Libc.write(_bell.Number, &one, sizeof(ulong)); // fails only at 2^64 - 1 unheard rings
    }

    /// <summary>Sleeps until somebody rings.</summary>
    public void Sleep()
    {
        ulong rings;
        while (Libc.read(_bell.Number, &rings, sizeof(ulong)) < 0 && Errno.Last == Errno.Interrupted)
        {
        }
    }

    /// <summary>Waits for the thread's end.</summary>
    public void Dispose()
    {
        _thread.Join();
        _bell.Dispose();
    }

    private static FileDescriptor OpenBell()
    {
        var fd = Libc.eventfd(0, SystemCalls.CloseOnExec);
        return fd >= 0 ? new FileDescriptor(fd) : throw SystemCalls.Refused(Errno.Last, "make an eventfd to wake a thread by");
    }
}
