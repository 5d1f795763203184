namespace Networking.Dns;

/// <summary>Types of records and questions (IANA). Any other number is kept as it is.</summary>
public enum RecordType : ushort
{
    /// <summary>No type: zero is reserved.</summary>
    None = 0,

    /// <summary>IPv4 address.</summary>
    A = 1,

    /// <summary>Authoritative name server.</summary>
    Ns = 2,

    /// <summary>The name this one stands for.</summary>
    Cname = 5,

    /// <summary>Start of a zone; in a negative answer it says how long that holds.</summary>
    Soa = 6,

    /// <summary>Name of an address.</summary>
    Ptr = 12,

    /// <summary>Mail exchange.</summary>
    Mx = 15,

    /// <summary>Text.</summary>
    Txt = 16,

    /// <summary>IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>Port and host of a service.</summary>
    Srv = 33,

    /// <summary>EDNS (RFC 6891).</summary>
    Opt = 41,

    /// <summary>Service binding for HTTP.</summary>
    Https = 65,

    /// <summary>Incremental zone transfer.</summary>
    Ixfr = 251,

    /// <summary>Zone transfer.</summary>
    Axfr = 252,

    /// <summary>Everything there is.</summary>
    Any = 255,
}
