namespace Networking.Netd.Configuration;

/// <summary>Everything that can be configured, by file and by flag; a flag wins.</summary>
internal sealed record DaemonOptions
{
    public string StateDirectory { get; init; } = "/var/lib/netd";

    public string RunDirectory { get; init; } = "/run/netd";

    /// <summary>Group that may use the socket; where it does not exist only root may.</summary>
    public string SocketGroup { get; init; } = "netd";

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>How often the whole kernel state is read although nothing asked for it.</summary>
    public TimeSpan FullCheckEvery { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>How log lines are written.</summary>
internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>A line with journald's priority prefix.</summary>
    Systemd,
}
