using System.Collections.Immutable;
using Networking.Ipam;
using Networking.Netd.Configuration;

namespace Networking.Netd.Ipam;

/// <summary>How this node gives out subnets and addresses.</summary>
/// <param name="Pools">Where subnets come from; none for the built-in pools.</param>
/// <param name="Rest">How long a released address rests; zero for not at all.</param>
internal sealed record AddressRules(ImmutableArray<SubnetPool> Pools, TimeSpan Rest)
{
    /// <summary>As configured.</summary>
    public static AddressRules Of(DaemonOptions options) => new(options.DefaultAddressPools, options.AddressRest);
}
