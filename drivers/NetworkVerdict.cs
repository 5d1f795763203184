using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>What a driver says to changing a network that stands.</summary>
/// <param name="Problems">Why not; none if it can be done.</param>
/// <param name="Warnings">What the user should know although it is done: what only later endpoints have of it.</param>
/// <param name="ReachesEndpoints">Whether the endpoints that are there are changed with it.</param>
public sealed record NetworkVerdict(ImmutableArray<Problem> Problems, ImmutableArray<string> Warnings, bool ReachesEndpoints);
