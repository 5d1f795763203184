using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class ScopeKeyTests
{
    /// <summary>Each kernel object has exactly one owning scope: over a whole node no key comes twice.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Keys_are_unique_over_all_scopes_of_a_random_node(int seed)
    {
        var random = new Random(seed);
        var driver = new BridgeDriver();
        var owners = new Dictionary<ObjectKey, ScopeId>();
        var networks = Enumerable.Range(0, 1 + random.Next(20)).Select(i => RandomNetwork(random, i)).ToArray();
        Add(owners, ScopeId.Node, NodeComposer.Desired(new NodeView
        {
            OwnerTag = Sample.OwnerTag,
            NeedsFirewall = true,
            NeedsForwarding4 = true,
            NeedsForwarding6 = true,
            OriginalSysctls = Sample.Options(("net/ipv6/conf/all/forwarding", "0")),
            RouterAdvertisementInterfaces = ["ens3", "ens4"],
        }));
        foreach (var network in networks)
        {
            Add(owners, ScopeId.Of(network.Network.Id), driver.Desired(network));
        }

        var number = 2;
        for (var cookie = 1ul; cookie <= 40; cookie++)
        {
            var sandbox = new List<SandboxEndpointView>();
            foreach (var network in networks.Where(_ => random.Next(4) == 0))
            {
                var view = Sample.Endpoint(network, number++, new EndpointSpec { Sysctls = Sample.Options(("net.ipv4.conf.IFNAME.x", "1")) });
                var endpoint = new EndpointView(
                    view.Endpoint with { Id = new EndpointId(Hex(random)), Interface = $"eth{sandbox.Count}" }, new NetNs(cookie));
                Add(owners, ScopeId.Of(endpoint.Endpoint.Id), driver.Desired(network, endpoint));
                sandbox.Add(Sample.Gateway(network.Network.Spec.Name, endpoint.Endpoint.Interface, "10.0.0.1", "fd00::1"));
            }

            var box = Sample.SandboxOf([.. sandbox]);
            var record = box.Sandbox with { Id = new SandboxId(Hex(random)), Namespace = new NetNs(cookie) };
            Add(owners, ScopeId.Of(record.Id), SandboxComposer.Desired(box with { Sandbox = record }));
        }

        Assert.True(owners.Count > 100);
    }

    private static void Add(Dictionary<ObjectKey, ScopeId> owners, ScopeId scope, KernelState state)
    {
        foreach (var key in state.Keys)
        {
            Assert.True(owners.TryAdd(key, scope), $"{key} belongs to {scope} and to {owners[key]}");
        }
    }

    private static NetworkView RandomNetwork(Random random, int index)
    {
        var id = Hex(random);
        var spec = Sample.Spec($"net{index}") with
        {
            Ipv6 = random.Next(2) == 0,
            Internal = random.Next(3) == 0,
            Options = Sample.Options(("icc", random.Next(2) == 0 ? "true" : "false")),
        };
        var view = Sample.Network(spec);
        return view with
        {
            Network = view.Network with
            {
                Id = new NetworkId(id),
                LinkName = $"br-{id[..12]}",
                Ipv4 = new SubnetRecord(IPNetwork.Parse($"10.{index}.0.0/16"), IPAddress.Parse($"10.{index}.0.1")),
            },
        };
    }

    private static string Hex(Random random) => random.GetHexString(64, lowercase: true);
}
