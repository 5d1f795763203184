namespace Networking.Ipam.Ring;

/// <summary>What a node keeps on disk of the ring; everything else is in its record, or dies with it.</summary>
/// <param name="Generation">The greatest it has been in; 0 at first.</param>
/// <param name="Renewal">The number of the last commit that was, or may have been, sent; 0 at first.</param>
/// <param name="Run">The start whose commits these are: 64 random bits; 0 at first.</param>
/// <param name="NextRun">A later start that has begun, or may have; 0 if there is none.</param>
public readonly record struct RingMemory(uint Generation, ulong Renewal, ulong Run, ulong NextRun);
