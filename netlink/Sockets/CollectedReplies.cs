namespace Networking.Netlink;

/// <summary>Keeps copies of all messages, for questions off the hot path.</summary>
internal sealed class CollectedReplies : INetlinkReplies
{
    public List<(ushort Type, byte[] Body)> Messages { get; } = [];

    /// <inheritdoc/>
    public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body) => Messages.Add((type, body.ToArray()));

    /// <inheritdoc/>
    public void OnRestart() => Messages.Clear();
}
