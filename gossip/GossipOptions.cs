using System.Collections.Immutable;
using Networking.Gossip.Wire;

namespace Networking.Gossip;

/// <summary>Times and bounds of the protocol. The defaults suit a LAN of up to some 10,000 nodes.</summary>
public sealed record GossipOptions
{
    /// <summary>One member is probed each; stretched by bad local health. 100 ms to 60 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>An answer is awaited so long before others are asked to try. Less than half the interval is left for them.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How many others are asked to try.</summary>
    public int IndirectProbes { get; init; } = 3;

    /// <summary>News waits at most so long; without news nothing is sent.</summary>
    public TimeSpan GossipInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many peers hear the news each time.</summary>
    public int GossipFanout { get; init; } = 3;

    /// <summary>A piece of news is sent this many times the logarithm (base 10) of who is to hear it.</summary>
    public int RetransmitFactor { get; init; } = 4;

    /// <summary>A suspect has this many probe intervals, times the logarithm (base 10) of the members, to be heard.</summary>
    public int SuspicionFactor { get; init; } = 3;

    /// <summary>So many times longer while nobody else suspects it.</summary>
    public int SuspicionFactorAlone { get; init; } = 6;

    /// <summary>Others whose suspicion shortens the wait to the least.</summary>
    public int Confirmations { get; init; } = 2;

    /// <summary>Local health: how much slower a node that is itself in trouble judges, at most.</summary>
    public int HealthFactorMax { get; init; } = 8;

    /// <summary>State is compared with one random peer each.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A failed member, or the seeds if nobody is left, is tried again each.</summary>
    public TimeSpan ReconnectInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>News goes to a failed member, too, for so long, so that it can object.</summary>
    public TimeSpan GossipToFailed { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A failed or left member is forgotten after.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A removed row keeps its older versions out for so long.</summary>
    public TimeSpan TombstoneTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Rows of an owner that is unknown, or not attached, wait unseen for so long.</summary>
    public TimeSpan PendingTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes of a datagram: the path's MTU less IP and UDP headers (48 for IPv6).</summary>
    public int PacketBytes { get; init; } = 1400;

    /// <summary>Members known, at most; more are refused.</summary>
    public int MembersMax { get; init; } = 20_000;

    /// <summary>News waiting in one scope, at most; what was told most often makes room, and the comparison of state carries it.</summary>
    public int QueueMax { get; init; } = 4096;

    /// <summary>Rows of one owner in one scope, at most; as many again may be removed ones.</summary>
    public int RowsPerOwnerMax { get; init; } = 4096;

    /// <summary>Conversations over streams at one time, at most.</summary>
    public int StreamsMax { get; init; } = 64;

    /// <summary>A conversation that is silent for so long is over.</summary>
    public TimeSpan StreamTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal PlantedBug Planted { get; init; }

    /// <summary>Shared by the nodes of a simulation; null: each has its own.</summary>
    internal WireMemo? Memo { get; init; }

    /// <summary>Everything wrong with the options; empty if they can be used.</summary>
    public ImmutableArray<string> Problems()
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        void Demand(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }

        Demand(ProbeInterval >= TimeSpan.FromMilliseconds(100) && ProbeInterval <= TimeSpan.FromMinutes(1), $"{nameof(ProbeInterval)} is {ProbeInterval}: 100 ms to 60 s.");
        Demand(ProbeTimeout > TimeSpan.Zero && ProbeTimeout <= ProbeInterval / 2, $"{nameof(ProbeTimeout)} is {ProbeTimeout}: more than zero, at most half of {nameof(ProbeInterval)}.");
        Demand(GossipInterval >= TimeSpan.FromMilliseconds(10) && GossipInterval <= ProbeInterval, $"{nameof(GossipInterval)} is {GossipInterval}: 10 ms to {nameof(ProbeInterval)}.");
        Demand(PacketBytes is >= WireLimits.PacketBytesMin and <= WireLimits.PacketBytesMax, $"{nameof(PacketBytes)} is {PacketBytes}: {WireLimits.PacketBytesMin} to {WireLimits.PacketBytesMax}.");
        Demand(IndirectProbes is >= 0 and <= 16, $"{nameof(IndirectProbes)} is {IndirectProbes}: 0 to 16.");
        Demand(GossipFanout is >= 1 and <= 16, $"{nameof(GossipFanout)} is {GossipFanout}: 1 to 16.");
        Demand(RetransmitFactor is >= 1 and <= 16, $"{nameof(RetransmitFactor)} is {RetransmitFactor}: 1 to 16.");
        Demand(SuspicionFactor is >= 1 and <= 32, $"{nameof(SuspicionFactor)} is {SuspicionFactor}: 1 to 32.");
        Demand(SuspicionFactorAlone is >= 1 and <= 32, $"{nameof(SuspicionFactorAlone)} is {SuspicionFactorAlone}: 1 to 32.");
        Demand(Confirmations is >= 0 and <= 8, $"{nameof(Confirmations)} is {Confirmations}: 0 to 8.");
        Demand(HealthFactorMax is >= 1 and <= 32, $"{nameof(HealthFactorMax)} is {HealthFactorMax}: 1 to 32.");
        Demand(SyncInterval >= ProbeInterval, $"{nameof(SyncInterval)} is {SyncInterval}: at least {nameof(ProbeInterval)}.");
        Demand(ReconnectInterval >= ProbeInterval, $"{nameof(ReconnectInterval)} is {ReconnectInterval}: at least {nameof(ProbeInterval)}.");
        Demand(TombstoneTime >= 6 * SyncInterval && TombstoneTime <= TimeSpan.FromHours(18), $"{nameof(TombstoneTime)} is {TombstoneTime}: six times {nameof(SyncInterval)} to 18 h.");
        Demand(ForgetAfter >= TombstoneTime, $"{nameof(ForgetAfter)} is {ForgetAfter}: at least {nameof(TombstoneTime)}.");
        Demand(MembersMax >= 1 && QueueMax >= 16 && RowsPerOwnerMax >= 1 && StreamsMax >= 2, "A bound is too small: members 1, queue 16, rows 1, streams 2 at least.");
        return problems.DrainToImmutable();
    }
}
