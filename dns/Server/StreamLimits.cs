namespace Networking.Dns;

/// <summary>Limits of questions by TCP.</summary>
public sealed record StreamLimits
{
    /// <summary>Connections of all sandboxes together; one more is closed at once.</summary>
    public int ConnectionsMax { get; init; } = 1_024;

    /// <summary>Connections of one sandbox.</summary>
    public int ConnectionsPerSandboxMax { get; init; } = 128;

    /// <summary>How long a connection may say nothing between questions (RFC 7766).</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a question may take to come, from its first byte to its last, and its answer to go.</summary>
    public TimeSpan TransferMax { get; init; } = TimeSpan.FromSeconds(3);
}
