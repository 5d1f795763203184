namespace Networking.Bench;

/// <summary>Another build of netd, or this one with other flags, for what a change of ours or a setting costs or saves.</summary>
internal sealed class OtherNetd : IAttachPeer
{
    private readonly string _name;
    private readonly Daemon _daemon;
    private readonly HostNamespace _sandbox;
    private readonly NetdPeer _peer;

    /// <param name="stage">Where.</param>
    /// <param name="name">What it is called in the figures, one word.</param>
    /// <param name="program">Another build; null for this one.</param>
    /// <param name="flags">What it is started with besides.</param>
    public OtherNetd(Stage stage, string name, string? program, params string[] flags)
    {
        _name = name;
        _sandbox = new HostNamespace($"{name}box");
        _daemon = new Daemon(stage, program, flags);
        _daemon.CreateNetwork("bench", "10.86.0.0/16");
        _peer = new NetdPeer(_daemon, "bench", _sandbox.Path, TwoPorts.Usual);
    }

    public PeerIdentity Identity => _peer.Identity with { Name = $"netd, {_name}" };

    public void Attach() => _peer.Attach();

    public void Detach() => _peer.Detach();

    public void Dispose()
    {
        _daemon.Dispose();
        _sandbox.Dispose();
    }
}
