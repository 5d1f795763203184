using System.Net;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>A column of a table: what is tried.</summary>
/// <param name="Name">As the page calls it.</param>
/// <param name="Address">The address a client asks in a family; null if there is none.</param>
/// <param name="Port">The port; 0 for an echo request.</param>
internal sealed record Target(string Name, Func<Client, bool, IPAddress?> Address, int Port)
{
    public IEnumerable<Transport> Transports => Port == 0 ? [Transport.Echo] : [Transport.Tcp, Transport.Udp];
}
