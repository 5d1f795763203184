namespace Networking.Simulation.Tests;

/// <summary>A promise of the protocol that did not hold.</summary>
internal sealed class SimulationFailure(string message) : Exception(message);
