namespace Networking.Netlink;

/// <summary>What a link's names stand for at the moment it is made: indexes and open namespaces.</summary>
internal readonly record struct LinkReferences
{
    public LinkReferences()
    {
    }

    /// <summary>The bridge; zero for none.</summary>
    public int MasterIndex { get; init; }

    /// <summary>The interface below; zero for none.</summary>
    public int ParentIndex { get; init; }

    /// <summary>Descriptor of the namespace of a veth's other end.</summary>
    public int PeerNamespace { get; init; } = -1;

    /// <summary>Descriptor of the namespace the link itself goes to, if that is not the socket's own.</summary>
    public int TargetNamespace { get; init; } = -1;
}
