using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// One way of making a network. A driver is pure: it judges what was asked, and turns a view of what was granted into
/// the kernel state that has to stand. It never reads, writes, waits or chooses.
/// </summary>
public interface INetworkDriver
{
    /// <summary>The name by which a <see cref="NetworkSpec.Driver"/> asks for it.</summary>
    string Name { get; }

    /// <summary>Judges a network before anything is claimed for it: every problem at once, none thrown.</summary>
    ValidationResult Validate(NetworkSpec spec);

    /// <summary>
    /// Judges a network, which need not be valid, on this very host: every problem that the host shows, at once, none thrown.
    /// What other networks have is not looked at; that is for the claims to decide.
    /// </summary>
    HostVerdict JudgeHost(NetworkSpec spec, HostFacts host);

    /// <summary>What a valid network is to the rest of the daemon.</summary>
    NetworkTraits TraitsOf(NetworkSpec spec);

    /// <summary>Judges an endpoint of a valid network: every problem at once, none thrown.</summary>
    ValidationResult Validate(NetworkSpec network, EndpointSpec endpoint);

    /// <summary>Judges a valid network in the place of one that stands, under its endpoints: every problem at once.</summary>
    /// <param name="network">The network as it is.</param>
    /// <param name="endpoints">Its endpoints.</param>
    /// <param name="after">What it shall be.</param>
    NetworkVerdict JudgeChange(NetworkRecord network, IEnumerable<EndpointRecord> endpoints, NetworkSpec after);

    /// <summary>The other name of an option that has two; null if it has one, or is not known.</summary>
    string? OtherNameOf(string option);

    /// <summary>The network's own objects; it sees no endpoint, so that endpoints cost it nothing.</summary>
    KernelState Desired(NetworkView network);

    /// <summary>The objects of one endpoint; it sees no other endpoint.</summary>
    KernelState Desired(NetworkView network, EndpointView endpoint);
}
