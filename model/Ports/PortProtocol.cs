namespace Networking.Model;

/// <summary>Transport protocols whose ports can be published, with their IANA numbers.</summary>
public enum PortProtocol
{
    /// <summary>TCP (RFC 9293).</summary>
    Tcp = 6,

    /// <summary>UDP (RFC 768).</summary>
    Udp = 17,

    /// <summary>SCTP (RFC 9260).</summary>
    Sctp = 132,
}
