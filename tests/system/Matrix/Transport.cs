namespace Networking.Daemon.Tests.Matrix;

/// <summary>What a probe sends.</summary>
internal enum Transport
{
    /// <summary>A connection; the far end says whom it sees, and closes.</summary>
    Tcp,

    /// <summary>A datagram; the far end says whom it sees.</summary>
    Udp,

    /// <summary>An echo request.</summary>
    Echo,
}
