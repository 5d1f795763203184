using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>One published port as asked, with what its network makes of it; numbers may still be open.</summary>
/// <param name="Spec">What was asked.</param>
/// <param name="Bindings">Host addresses and paths, at least one.</param>
/// <param name="Exposure">Who may reach it.</param>
internal sealed record PortWish(PublishSpec Spec, ImmutableArray<PortBinding> Bindings, PortExposure Exposure)
{
    /// <summary>True if every number is given: nothing is left to choose.</summary>
    public bool IsFixed => Bindings.All(static b => b.Path == PortPath.Direct)
        || (Spec.Published is { } published && published.Count == Spec.Target.Count);

    /// <summary>The grants of a wish without a choice. A direct one means the target's own number.</summary>
    public IEnumerable<PortGrant> Fixed() => Bindings.Select(b => Grant(b, b.Path == PortPath.Direct ? Spec.Target : Spec.Published!.Value, Spec.Target.First)); // fixed: given

    /// <summary>The grants once host ports were chosen, as many as targets.</summary>
    public IEnumerable<PortGrant> Chosen(PortRange hostPorts) =>
        Bindings.Select(b => Grant(b, b.Path == PortPath.Direct ? Spec.Target : hostPorts, Spec.Target.First));

    // What is published on a loopback address reaches nobody else, whatever was said; the network may have chosen that address.
    private PortGrant Grant(PortBinding binding, PortRange hostPorts, int target) => new(
        Spec.Protocol, binding, hostPorts, target, IPAddress.IsLoopback(binding.HostAddress) ? PortExposure.Loopback : Exposure);
}
