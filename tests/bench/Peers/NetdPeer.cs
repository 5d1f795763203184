namespace Networking.Bench;

/// <summary>Ours, in the same shape as its peers: one endpoint of a network, at the API, over a connection that stays.</summary>
internal sealed class NetdPeer(Daemon daemon, string network, string sandbox, TwoPorts? ports = null) : IAttachPeer
{
    private readonly string[] _publish = ports?.Short ?? [];

    public PeerIdentity Identity => new("netd", daemon.Version, "POST /v1/networks/N/connect and /disconnect over the unix socket");

    public void Attach() => _ = daemon.Connect(network, sandbox, _publish);

    public void Detach() => daemon.Disconnect(network, sandbox);

    public void Dispose()
    {
        // The daemon is its owner's.
    }
}
