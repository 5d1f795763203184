namespace Networking.Netctl.Client;

/// <summary>An answer, understood and as it came: programs get the daemon's own JSON, newer fields included.</summary>
/// <param name="Value">Understood.</param>
/// <param name="Json">As it came, UTF-8.</param>
internal sealed record Fetched<T>(T Value, ReadOnlyMemory<byte> Json);
