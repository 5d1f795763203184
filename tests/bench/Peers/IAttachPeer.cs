namespace Networking.Bench;

/// <summary>Something that attaches a namespace to a network and detaches it again.</summary>
internal interface IAttachPeer : IDisposable
{
    PeerIdentity Identity { get; }

    void Attach();

    void Detach();
}
