using System.Collections.Immutable;
using System.Globalization;

namespace Networking.Netd.Configuration;

/// <summary>One key of the configuration file, which is also a flag.</summary>
/// <param name="Key">Key in the file, camelCase.</param>
/// <param name="Flag">Flag of the command line.</param>
/// <param name="Description">What it is, a sentence.</param>
/// <param name="Apply">Sets it from text; returns what is wrong, or null.</param>
internal sealed record Setting(string Key, string Flag, string Description, Setting.Setter Apply)
{
    public delegate string? Setter(ref DaemonOptions options, string value);

    /// <summary>All settings.</summary>
    public static ImmutableArray<Setting> All { get; } =
    [
        new("stateDirectory", "--state-dir", "Where intent is kept (default /var/lib/netd).", static (ref o, v) =>
        {
            o = o with { StateDirectory = v };
            return PathProblem(v);
        }),
        new("runDirectory", "--run-dir", "Where the socket and namespaces are (default /run/netd).", static (ref o, v) =>
        {
            o = o with { RunDirectory = v };
            return PathProblem(v);
        }),
        new("socketGroup", "--socket-group", "Group that may use the socket (default netd).", static (ref o, v) =>
        {
            o = o with { SocketGroup = v };
            return v.Length == 0 ? "must not be empty" : null;
        }),
        new("logLevel", "--log-level", "trace, debug, information, warning or error (default information).", static (ref o, v) =>
        {
            if (!Enum.TryParse<LogLevel>(v, ignoreCase: true, out var level) || !Enum.IsDefined(level) || int.TryParse(v, out _))
            {
                return $"'{v}' is not one of trace, debug, information, warning, error";
            }

            o = o with { LogLevel = level };
            return null;
        }),
        new("logFormat", "--log-format", "text, json or systemd (default text).", static (ref o, v) =>
        {
            if (!Enum.TryParse<LogFormat>(v, ignoreCase: true, out var format) || int.TryParse(v, out _))
            {
                return $"'{v}' is not one of text, json, systemd";
            }

            o = o with { LogFormat = format };
            return null;
        }),
        new("fullCheckSeconds", "--full-check-seconds", "How often everything is read from the kernel, 10 to 86400 (default 600).", static (ref o, v) =>
        {
            if (!int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 10 or > 86400)
            {
                return $"'{v}' is not a number from 10 to 86400";
            }

            o = o with { FullCheckEvery = TimeSpan.FromSeconds(seconds) };
            return null;
        }),
    ];

    private static string? PathProblem(string value) => Path.IsPathFullyQualified(value) ? null : $"'{value}' is not an absolute path";
}
