using System.Net;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Netd.Requests;

/// <summary>
/// Finds entries of one request that ask for the same port of the host. Only what is fixed can clash: of a range for a
/// single target any one may be taken. Costs one look a port, however many entries there are.
/// </summary>
internal sealed class PublishConflicts(ICollection<Problem> problems)
{
    private readonly Dictionary<(PortProtocol Protocol, int Port, IPAddress? Address), string> _byAddress = [];
    private readonly Dictionary<(PortProtocol Protocol, int Port, AddressFamily Family), string> _byFamily = [];

    /// <summary>Adds an entry; refuses it if one before has a port of it.</summary>
    public void Add(PublishSpec spec, PublishEntry entry)
    {
        if (spec.Published is not { } published || published.Count != spec.Target.Count)
        {
            return;
        }

        string? other = null;
        var clash = 0;
        for (var port = published.First; port <= published.Last; port++)
        {
            if (Find(spec, port) is { } holder && other is null)
            {
                (other, clash) = (holder, port);
            }

            _ = _byAddress.TryAdd((spec.Protocol, port, spec.HostAddress), entry.Shown);
            if (spec.HostAddress is { } address)
            {
                _ = _byFamily.TryAdd((spec.Protocol, port, address.AddressFamily), entry.Shown);
            }
        }

        if (other is not null)
        {
            problems.Add(new Problem(
                "publish.twice",
                PublishEntry.Field,
                $"'{entry.Shown}': '{other}' has port {clash}/{spec.Protocol.Word()} of the host already",
                "a port of an address leads to one target"));
        }
    }

    // No address stands for the network's own binding, which is not known here: it clashes with its like only. What it
    // comes to is bound later, and a clash is found then.
    private string? Find(PublishSpec spec, int port)
    {
        if (_byAddress.TryGetValue((spec.Protocol, port, spec.HostAddress), out var same))
        {
            return same;
        }

        if (spec.HostAddress is not { } address)
        {
            return null;
        }

        var any = address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        return address.Equals(any)
            ? _byFamily.GetValueOrDefault((spec.Protocol, port, address.AddressFamily))
            : _byAddress.GetValueOrDefault((spec.Protocol, port, any));
    }
}
