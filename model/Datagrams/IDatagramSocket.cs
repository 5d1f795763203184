namespace Networking.Model;

/// <summary>
/// A bound UDP socket whose datagrams are taken in batches, by one thread for all sockets: the port between whoever answers
/// datagrams and whoever moves them. It lives in the namespace in which it was opened, whichever thread uses it.
/// </summary>
public interface IDatagramSocket : IDisposable
{
    /// <summary>Sends an answer that was not ready at once. May be called by any thread, also after the socket was closed.</summary>
    /// <returns>False if the kernel would not take it now, or the socket is closed: it is lost, as datagrams are.</returns>
    bool TrySend(in DatagramPeer to, ReadOnlySpan<byte> datagram);
}

/// <summary>Takes datagrams.</summary>
public interface IDatagramReceiver
{
    /// <summary>Takes one datagram. Called by the thread that moves all of them: it must not wait, and must not throw.</summary>
    /// <param name="socket">Where it came, and where an answer can be sent later.</param>
    /// <param name="datagram">Its bytes, valid until this returns; those that did not fit the buffer are cut off.</param>
    /// <param name="from">Who sent it.</param>
    /// <param name="reply">Where the answer goes, if it is ready at once; 4,096 bytes.</param>
    /// <returns>Length of the answer in bytes; zero for none, or for one that comes later.</returns>
    int Receive(IDatagramSocket socket, ReadOnlySpan<byte> datagram, in DatagramPeer from, Span<byte> reply);
}
