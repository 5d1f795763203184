using System.Security.Cryptography;
using System.Text;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// The networks that are there without being made. They are stored only once an endpoint refers to them, so their ids
/// follow from the instance's.
/// </summary>
internal static class PredefinedNetworks
{
    /// <summary>The state with those that the store did not hold.</summary>
    public static NodeState AddTo(NodeState state, DateTimeOffset now) => new[] { PredefinedDriver.Host, PredefinedDriver.None }
        .Where(d => !state.NetworkNames.ContainsKey(d.Name))
        .Aggregate(state, (current, driver) => CreateNetwork.Restore(current, new NetworkRecord
        {
            Id = new NetworkId(IdOf(state.Node, driver.Name)),
            Spec = driver.Spec,
            LinkName = string.Empty,
            LinkMac = default,
            Created = now,
        }));

    private static string IdOf(NodeRecord node, string name) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Ownership.TagOf(node.InstanceId)}:{name}")));
}
