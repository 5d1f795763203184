using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>What stands in the files of a sandbox of ours.</summary>
/// <param name="Sandbox">The sandbox.</param>
/// <param name="Resolver">Where its resolver is.</param>
/// <param name="Dns">What is said of how it asks.</param>
/// <param name="Hosts">Its own addresses, and what they are called, the full name first.</param>
internal sealed record SandboxFileFacts(
    SandboxRecord Sandbox, IPAddress Resolver, DnsSpec Dns, ImmutableArray<(IPAddress Address, ImmutableArray<string> Names)> Hosts)
{
    /// <summary>The facts of one moment; null for a sandbox that brings its own files, or has no resolver.</summary>
    public static SandboxFileFacts? Of(NodeState state, SandboxId id)
    {
        if (state.Sandboxes.GetValueOrDefault(id) is not { Record: { Owner: SandboxOwner.Daemon, IsRemoving: false }, Resolver: { } resolver } sandbox
            || sandbox.Endpoints.IsEmpty)
        {
            return null;
        }

        var endpoints = SandboxDns.InOrder(state, sandbox);
        return new SandboxFileFacts(
            sandbox.Record, resolver.Address, SandboxDns.Of(state, endpoints), [.. endpoints.SelectMany(e => Lines(state, sandbox.Record, e))]);
    }

    private static IEnumerable<(IPAddress Address, ImmutableArray<string> Names)> Lines(NodeState state, SandboxRecord sandbox, EndpointRecord endpoint)
    {
        var name = NameComposer.NamesOf(sandbox, endpoint).Name;
        string[] names = [$"{name}.{state.Networks[endpoint.NetworkId].Name}", endpoint.Spec.Hostname ?? name, name];
        ImmutableArray<string> called = [.. names.Distinct(StringComparer.Ordinal)];
        return new[] { endpoint.Ipv4?.Address, endpoint.Ipv6?.Address }.OfType<IPAddress>().Select(a => (a, called));
    }
}
