namespace Networking.Bench;

/// <summary>Another build of netd, for what a change of ours costs or saves.</summary>
internal sealed class OtherNetd : IAttachPeer
{
    private readonly Daemon _daemon;
    private readonly HostNamespace _sandbox = new("otherbox");
    private readonly NetdPeer _peer;

    public OtherNetd(Stage stage, string program)
    {
        _daemon = new Daemon(stage, program);
        _daemon.CreateNetwork("bench", "10.86.0.0/16");
        _peer = new NetdPeer(_daemon, "bench", _sandbox.Path, TwoPorts.Usual);
    }

    public PeerIdentity Identity => _peer.Identity with { Name = "another netd" };

    public void Attach() => _peer.Attach();

    public void Detach() => _peer.Detach();

    public void Dispose()
    {
        _daemon.Dispose();
        _sandbox.Dispose();
    }
}
