using System.Net;

namespace Networking.Ipam;

/// <summary>A prefix that is in use.</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="Holder">Who uses it, in words for people: <c>network web</c>, <c>route of ens3</c>.</param>
public sealed record HeldSubnet(IPNetwork Prefix, string Holder)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Prefix} ({Holder})";
}
