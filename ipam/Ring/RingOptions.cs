using System.Collections.Immutable;
using Networking.Ipam.Ring.Wire;

namespace Networking.Ipam.Ring;

/// <summary>Times and bounds of the ring.</summary>
public sealed record RingOptions
{
    /// <summary>How long a node leases after a renewal that was answered. 10 s to 24 h.</summary>
    public TimeSpan Term { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How far a clock's rate is from true, at most, as a fraction: 0 to 0.2.</summary>
    public double DriftMax { get; init; } = 0.02;

    /// <summary>A term is renewed when this much of it is over; less than the term.</summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>The lowest node alive reads all records each; less than the term.</summary>
    public TimeSpan ScanInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What a dead node may have leased is withheld for so long after it was taken over. At least <see cref="ReclaimWait"/>.</summary>
    public TimeSpan ReclaimAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A record of a node that is gone and owns nothing is removed after.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>An answer of the authority is awaited for so long; then it is unknown whether the commit was made.</summary>
    public TimeSpan AuthorityTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Another node's answer is awaited for so long.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A request for an address waits for a term or for space at most so long.</summary>
    public TimeSpan LeaseDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause between two attempts of anything.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A released address is not chosen again for so long, as long as another is free.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A node is woken at least each; an interval between two steps that is much longer counts as a leap of the clock.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many addresses are kept open, at least; and as many as are leased.</summary>
    public int OpenAhead { get; init; } = 64;

    /// <summary>Ranges of one node, at most: 8 to 1,024.</summary>
    public int HoldingsMax { get; init; } = 256;

    /// <summary>Requests for addresses that wait, and others' requests that wait for the authority, at most.</summary>
    public int PendingMax { get; init; } = 1024;

    /// <summary>Ranges a node knows of in one pool, at most.</summary>
    public int ClaimsMax { get; init; } = 65_536;

    /// <summary>Nodes asked for a donation in one round.</summary>
    public int DonorsPerRound { get; init; } = 4;

    /// <summary>
    /// How long a record must stand still before its term is over by any clock within <see cref="DriftMax"/>: measured by a
    /// clock that may be as fast as another is slow.
    /// </summary>
    public TimeSpan ReclaimWait => Term * ((1 + DriftMax) / (1 - DriftMax));

    internal RingBug Planted { get; init; }

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

        Demand(Term >= TimeSpan.FromSeconds(10) && Term <= TimeSpan.FromHours(24), $"{nameof(Term)} is {Term}: 10 s to 24 h.");
        Demand(DriftMax is >= 0 and <= 0.2, $"{nameof(DriftMax)} is {DriftMax}: 0 to 0.2.");
        Demand(RenewAfter > TimeSpan.Zero && RenewAfter < Term, $"{nameof(RenewAfter)} is {RenewAfter}: more than zero, less than {nameof(Term)}.");
        Demand(ScanInterval > TimeSpan.Zero && ScanInterval < Term, $"{nameof(ScanInterval)} is {ScanInterval}: more than zero, less than {nameof(Term)}.");
        Demand(ReclaimAfter >= ReclaimWait, $"{nameof(ReclaimAfter)} is {ReclaimAfter}: at least {ReclaimWait}, the longest a term lasts.");
        Demand(ForgetAfter >= ReclaimWait, $"{nameof(ForgetAfter)} is {ForgetAfter}: at least {ReclaimWait}.");
        Demand(AuthorityTimeout > TimeSpan.Zero && AuthorityTimeout < Term, $"{nameof(AuthorityTimeout)} is {AuthorityTimeout}: more than zero, less than {nameof(Term)}.");
        Demand(TickInterval > TimeSpan.Zero && TickInterval <= AuthorityTimeout, $"{nameof(TickInterval)} is {TickInterval}: more than zero, at most {nameof(AuthorityTimeout)}.");
        Demand(AskTimeout > TimeSpan.Zero && LeaseDeadline > TimeSpan.Zero && BackoffMax >= TickInterval && Rest >= TimeSpan.Zero, "A time is negative or zero.");
        Demand(OpenAhead >= 1 && HoldingsMax >= 8 && PendingMax >= 1 && ClaimsMax >= HoldingsMax && DonorsPerRound >= 1, "A bound is too small: open 1, holdings 8, pending 1, claims as many as holdings, donors 1 at least.");
        Demand(HoldingsMax <= RingWireLimits.HoldingsMax, $"{nameof(HoldingsMax)} is {HoldingsMax}: at most {RingWireLimits.HoldingsMax}, which a record has room for.");
        return problems.DrainToImmutable();
    }
}
