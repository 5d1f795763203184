namespace Networking.Netd.Ports;

/// <summary>How many sockets one request may have for its ports, and what counts against what.</summary>
/// <param name="SocketsLeft">How many more netd may spend on ports at all: half of what it may open is for them.</param>
internal readonly record struct PortLimits(int SocketsLeft)
{
    /// <summary>
    /// Host ports (a number of a protocol, whatever the families and addresses) that sockets keep for one request. Those of one
    /// that has more are looked up in the kernel's list instead.
    /// </summary>
    public const int KeptMax = 1024;

    /// <summary>
    /// Sockets of one request that netd serves by itself: there the socket is the service, so it is always bound, and what is
    /// beyond is left out by name. Each costs a descriptor and some 7 KB (4,096 of TCP measured: 16 MB here, 13 MB in the kernel).
    /// </summary>
    public const int ServedMax = 4096;
}
