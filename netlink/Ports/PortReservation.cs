using System.Net;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// A port kept by a bound socket. Most are never more than a descriptor; the runtime's object around it, which costs ten
/// times as much, is made for those that somebody accepts from.
/// </summary>
internal sealed class PortReservation(PortClaim claim, FileDescriptor descriptor) : IReservedSocket
{
    private readonly Lock _gate = new(); // guards _socket, _isReleased
    private Socket? _socket;
    private bool _isReleased;

    /// <inheritdoc/>
    public PortClaim Claim => claim;

    /// <inheritdoc/>
    public Socket Socket
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isReleased, this);
                if (_socket is null)
                {
                    var handle = new SafeSocketHandle(descriptor.Number, ownsHandle: true);
                    descriptor.SetHandleAsInvalid(); // there is one owner
                    _socket = new Socket(handle);
                }

                return _socket;
            }
        }
    }

    /// <inheritdoc/>
    public KernelError? Reply(ReadOnlySpan<byte> datagram, IPAddress source, IPEndPoint client)
    {
        var handle = Socket.SafeHandle;
        var isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld); // a number that is closed meanwhile may be another file's
            var errno = DatagramReply.Send((int)handle.DangerousGetHandle(), datagram, source, client);
            return errno == 0 ? null : SystemCalls.ErrorOf(errno, $"answer {client} from port {claim.Port}/udp of {source}");
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket? socket;
        lock (_gate)
        {
            if (_isReleased)
            {
                return;
            }

            _isReleased = true;
            socket = _socket;
        }

        socket?.Dispose();
        descriptor.Dispose();
    }
}
