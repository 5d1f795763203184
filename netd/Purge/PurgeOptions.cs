namespace Networking.Netd.Purge;

/// <summary>How much of a stopped daemon is taken away.</summary>
/// <param name="KeepsState">Intent stays on disk, so that a later start makes the networks again.</param>
/// <param name="IsDryRun">Only say what would be taken away.</param>
internal sealed record PurgeOptions(bool KeepsState, bool IsDryRun);
