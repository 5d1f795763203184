using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Networking.Netlink;

/// <summary>
/// Descriptors that the service manager keeps for us beyond our own end (sd_notify(3), FDSTORE=1): it hands them back to the
/// next process under the names that we gave them (sd_listen_fds(3)). Without a service manager nothing is kept.
/// </summary>
/// <remarks>
/// <code>
///   netd ──FDSTORE=1, FDNAME, SCM_RIGHTS──► manager        netd dies, even by kill -9        manager ──LISTEN_FDS──► netd
/// </code>
/// A socket that is kept stays open meanwhile: what is sent to it waits in its buffer. It also keeps its namespace alive, so
/// what nobody asks for after a start is given up.
/// </remarks>
public sealed unsafe class DescriptorStore : IDisposable
{
    private const int FirstInherited = 3; // SD_LISTEN_FDS_START
    private const int UnixFamily = 1; // AF_UNIX
    private const int Datagram = 2; // SOCK_DGRAM
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int Rights = 1; // SCM_RIGHTS
    private const int SendTimeout = 21; // SO_SNDTIMEO
    private const int PatienceMicroseconds = 100_000;
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int DoNotWait = 0x40; // MSG_DONTWAIT
    private const int PathMax = 108; // sun_path
    private const uint SetCloseOnExec = 0x5451; // FIOCLEX

    private readonly FileDescriptor? _manager;
    private readonly byte[] _address = new byte[2 + PathMax];
    private readonly int _addressLength;
    private readonly Lock _gate = new(); // guards _inherited
    private readonly Dictionary<string, FileDescriptor> _inherited = new(StringComparer.Ordinal);
    private long _refused;
    private volatile bool _isDeaf; // the manager took no message, last time

    private DescriptorStore(string? notifySocket)
    {
        if (string.IsNullOrEmpty(notifySocket) || Encoding.UTF8.GetByteCount(notifySocket) > PathMax)
        {
            return;
        }

        var fd = SystemCalls.TrySocket(UnixFamily, Datagram, 0);
        if (fd < 0)
        {
            return;
        }

        _manager = new FileDescriptor(fd);
        var patience = stackalloc long[] { 0, PatienceMicroseconds }; // struct timeval
        _ = Libc.setsockopt(fd, SocketLevel, SendTimeout, patience, 2 * sizeof(long)); // without it a send waits for the manager as sd_notify(3) does
        _address[0] = UnixFamily;
        _addressLength = 2 + Encoding.UTF8.GetBytes(notifySocket, _address.AsSpan(2));
        if (notifySocket[0] == '@')
        {
            _address[2] = 0; // an abstract name
        }
        else
        {
            _addressLength = Math.Min(_addressLength + 1, _address.Length);
        }
    }

    /// <summary>Whether there is somebody who keeps descriptors.</summary>
    public bool IsKeeping => _manager is not null;

    /// <summary>How often the manager did not take a message: what it was about is not kept, or is kept too long.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Names of what was handed over and not yet taken.</summary>
    public ImmutableArray<string> Waiting
    {
        get
        {
            lock (_gate)
            {
                return [.. _inherited.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>
    /// Whether a name of LISTEN_FDNAMES is that of a socket unit's listener, which has the unit's name, or none, or "unknown", unless
    /// the unit says otherwise (sd_listen_fds(3)); names of what we keep never look so.
    /// </summary>
    public static bool IsListener(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length == 0 || name == "unknown" || name.EndsWith(".socket", StringComparison.Ordinal);
    }

    /// <summary>Takes over what the service manager hands to this process.</summary>
    /// <param name="read">Reads a variable of the environment: NOTIFY_SOCKET, LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES.</param>
    public static DescriptorStore Open(Func<string, string?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var store = new DescriptorStore(read("NOTIFY_SOCKET"));
        if (!int.TryParse(read("LISTEN_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out var process) || process != Environment.ProcessId
            || !int.TryParse(read("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return store; // meant for somebody else
        }

        var names = (read("LISTEN_FDNAMES") ?? string.Empty).Split(':');
        for (var i = 0; i < count; i++)
        {
            if (IsListener(i < names.Length ? names[i] : string.Empty))
            {
                continue; // not kept by us: it is for whoever serves it
            }

            var descriptor = new FileDescriptor(FirstInherited + i);
            if (Libc.ioctl(descriptor.Number, SetCloseOnExec, 0) != 0)
            {
                descriptor.SetHandleAsInvalid(); // there is none of that number
            }
            else if (!store._inherited.TryAdd(names[i], descriptor))
            {
                descriptor.Dispose();
            }
        }

        return store;
    }

    /// <summary>What was handed over under a name; null if nothing was. Whoever takes it closes it.</summary>
    public FileDescriptor? Take(string name)
    {
        lock (_gate)
        {
            return _inherited.Remove(name, out var descriptor) ? descriptor : null;
        }
    }

    /// <summary>Gives a descriptor to keep, under a name of its own.</summary>
    /// <param name="name">Up to 255 letters, digits or dashes.</param>
    /// <param name="descriptor">Stays the caller's too.</param>
    public void Keep(string name, FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Send($"FDSTORE=1\nFDNAME={name}\nFDPOLL=0", descriptor);
    }

    /// <summary>Asks to forget what is kept under a name.</summary>
    public void Forget(string name) => Send($"FDSTOREREMOVE=1\nFDNAME={name}", null);

    /// <summary>Closes and forgets what was handed over and nobody took.</summary>
    public void ForgetRest()
    {
        foreach (var name in Waiting)
        {
            Take(name)?.Dispose();
            Forget(name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var name in Waiting)
        {
            Take(name)?.Dispose();
        }

        _manager?.Dispose();
    }

    private void Send(string text, FileDescriptor? descriptor)
    {
        if (_manager is null)
        {
            return;
        }

        Span<byte> control = stackalloc byte[24]; // CMSG_SPACE(sizeof(int))
        control.Clear();
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text), address = _address, rights = control)
        {
            var buffer = new BufferVector { Start = bytes, Length = (nuint)Encoding.UTF8.GetByteCount(text) };
            var message = new MessageVector { Name = address, NameLength = (uint)_addressLength, Buffers = &buffer, BufferCount = 1 };
            if (descriptor is not null)
            {
                *(ControlHeader*)rights = new ControlHeader { Length = (nuint)sizeof(ControlHeader) + sizeof(int), Level = SocketLevel, Type = Rights };
                *(int*)(rights + sizeof(ControlHeader)) = descriptor.Number;
                message.Control = rights;
                message.ControlLength = (nuint)control.Length;
            }

            // Ten messages wait for a manager that is busy, so the next waits a moment; for one that does not read at all, only once.
            var isTaken = Libc.sendmsg(_manager.Number, &message, _isDeaf ? NoSignal | DoNotWait : NoSignal) >= 0;
            _isDeaf = !isTaken;
            if (!isTaken)
            {
                _ = Interlocked.Increment(ref _refused);
            }
        }
    }
}
