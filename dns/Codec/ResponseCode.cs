namespace Networking.Dns;

/// <summary>What became of a query (RCODE; RFC 1035, 6891).</summary>
public enum ResponseCode : byte
{
    /// <summary>NOERROR.</summary>
    NoError = 0,

    /// <summary>FORMERR: the query cannot be read.</summary>
    FormatError = 1,

    /// <summary>SERVFAIL: it could not be answered now.</summary>
    ServerFailure = 2,

    /// <summary>NXDOMAIN: there is no such name.</summary>
    NameError = 3,

    /// <summary>NOTIMP: the operation is not known.</summary>
    NotImplemented = 4,

    /// <summary>REFUSED: by policy.</summary>
    Refused = 5,

    /// <summary>BADVERS: an EDNS version that is not known; its upper bits travel in the OPT record.</summary>
    BadVersion = 16,
}
