using System.Net;

namespace Networking.Ipam.Ring.Authority;

/// <summary>A pool of the cluster, written once by its creator, who owns all of it then.</summary>
/// <param name="Name">Its name, 1 to 64 bytes.</param>
/// <param name="Prefix">Its addresses.</param>
/// <param name="Creator">Who created it.</param>
public sealed record PoolRecord(string Name, IPNetwork Prefix, OwnerId Creator);
