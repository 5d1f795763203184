using System.Collections.Immutable;

namespace Networking.Netlab.Scenarios;

/// <summary>Something that users do, and what must come of it; written once, for hosts of any kind.</summary>
/// <param name="Id">Its name, as in results.</param>
/// <param name="Summary">What it shows, a sentence.</param>
/// <param name="Needs">Features without which it is not run (<see cref="Feature"/>).</param>
/// <param name="RunAsync">Does it, and throws what is not as promised.</param>
internal sealed record Scenario(string Id, string Summary, ImmutableArray<string> Needs, Func<Stage, Task> RunAsync);
