using System.Collections.Concurrent;
using System.Net;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netd.Forwarding;

/// <summary>One port that is forwarded: where from, where to, for whom. Says each of its troubles once.</summary>
internal sealed class ForwardedPort(
    IReservedSocket reservation,
    IPEndPoint target,
    PortExposure exposure,
    Func<PortExposure, IPAddress, IPEndPoint, bool> admits,
    ForwarderCounters counters,
    ILogger logger)
{
    private readonly ConcurrentDictionary<string, byte> _told = []; // causes are few: what is done, and error codes

    public IReservedSocket Reservation => reservation;

    public IPEndPoint Target => target;

    public ForwarderCounters Counters => counters;

    /// <summary>True if the client may reach the port; counts it if not.</summary>
    public bool Admits(IPAddress client)
    {
        if (admits(exposure, client, target))
        {
            return true;
        }

        counters.Refuse();
        return false;
    }

    /// <summary>Logs a trouble, unless it was logged before for this port.</summary>
    public void Tell(string what, string cause)
    {
        if (_told.TryAdd($"{what}: {cause}", 0))
        {
            Log.ForwardTroubled(logger, ToString(), what, cause);
        }
    }

    /// <summary>Logs a mistake of ours: one that nobody expected.</summary>
    public void Tell(Exception exception) => Log.ForwardBroken(logger, ToString(), exception.Message, exception);

    public override string ToString()
    {
        var claim = reservation.Claim;
        return $"{PortText.Of(claim.Address, new PortRange(claim.Port, claim.Port))} -> {target}/{claim.Protocol.Word()}";
    }
}
