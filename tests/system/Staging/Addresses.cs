using Networking.Model.Api;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Addresses of endpoints without prefix length.</summary>
internal static class Addresses
{
    extension(EndpointDocument endpoint)
    {
        /// <summary>The IPv4 address.</summary>
        public string Address4 => Bare(endpoint.Ipv4);

        /// <summary>The IPv6 address.</summary>
        public string Address6 => Bare(endpoint.Ipv6);
    }

    public static string Bare(string? address) => (address ?? throw new InvalidDataException("no address")).Split('/')[0];
}
