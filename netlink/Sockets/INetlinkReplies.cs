namespace Networking.Netlink;

/// <summary>Takes the messages that come back besides acknowledgements.</summary>
public interface INetlinkReplies
{
    /// <summary>One message.</summary>
    /// <param name="request">Number of the request within the exchange; zero for a dump.</param>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="body">What follows the message header. Valid during the call only.</param>
    void OnMessage(int request, ushort type, ReadOnlySpan<byte> body);

    /// <summary>The dump was interrupted and begins anew: forget what came so far.</summary>
    void OnRestart();
}
