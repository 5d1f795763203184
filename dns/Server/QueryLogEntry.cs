namespace Networking.Dns;

/// <summary>A question of a sandbox and what became of it.</summary>
/// <param name="Time">When it was answered.</param>
/// <param name="Name">The name as it was asked for; empty for bytes that are no question.</param>
/// <param name="Type">The type asked for.</param>
/// <param name="IsStream">Asked by TCP.</param>
/// <param name="Stage">Who answered.</param>
/// <param name="Code">The result; null if silence was the answer.</param>
/// <param name="Took">How long it took.</param>
public sealed record QueryLogEntry(DateTimeOffset Time, string Name, RecordType Type, bool IsStream, AnswerStage Stage, ResponseCode? Code, TimeSpan Took);
