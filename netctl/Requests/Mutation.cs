using Networking.Netctl.Client;

namespace Networking.Netctl.Requests;

/// <summary>How a mutating request is to be made and its answer shown.</summary>
/// <param name="IsDryRun">Only the plan, nothing done.</param>
/// <param name="Timeout">How long the daemon waits for the kernel; null for its own default.</param>
/// <param name="IsJson">The answer as JSON.</param>
/// <param name="IsQuiet">Ids only.</param>
internal sealed record Mutation(bool IsDryRun, TimeSpan? Timeout, bool IsJson, bool IsQuiet)
{
    // The daemon's own default wait; we wait longer than it does, so that its answer arrives and not our deadline.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);

    /// <summary>How long we wait for the answer.</summary>
    public TimeSpan Deadline => (Timeout ?? DefaultTimeout) + Slack;

    /// <summary>The path with this in its query.</summary>
    public string Path(string path, bool isForced = false) => ApiPath.WithQuery(
        path,
        IsDryRun ? "dryRun=true" : null,
        Timeout is { } timeout ? $"timeout={timeout.TotalSeconds:0}" : null,
        isForced ? "force=true" : null);
}
