using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>
/// Host ports that rules of others translate, as far as they can be read: a rule that names the port takes it from us; one
/// that asks for more than we understand, or for one address of several, may take some of its packets.
/// </summary>
internal sealed class ForeignPorts(ImmutableArray<ForeignTranslation> translations)
{
    /// <summary>No rule of others translates anything.</summary>
    public static ForeignPorts None { get; } = new([]);

    /// <summary>The rule that takes a port for itself; null if none does.</summary>
    public ForeignTranslation? Holder(PortGrant grant) => translations.FirstOrDefault(t =>
        t is { Protocol: not null, Ports: not null } && Takes(t, grant) && (t.Destination is null || !IsAny(grant)));

    /// <summary>The rules that may take some packets to a published port, in words.</summary>
    public IEnumerable<string> Obstacles(PublishedPort port) => translations
        .Where(t => port.TakesHostPorts && t.Takes((byte)port.Protocol, port.HostPorts, port.IsAnyAddress ? null : port.HostAddress, port.IsIpv6))
        .Select(static t => $"a rule of others may take its packets first, {t}");

    private static bool Takes(ForeignTranslation translation, PortGrant grant) => translation.Takes(
        (byte)grant.Protocol, grant.HostPorts, IsAny(grant) ? null : grant.Binding.HostAddress, Prefix.BitsOf(grant.Binding.HostAddress) == 128);

    private static bool IsAny(PortGrant grant) =>
        grant.Binding.HostAddress.Equals(System.Net.IPAddress.Any) || grant.Binding.HostAddress.Equals(System.Net.IPAddress.IPv6Any);
}
