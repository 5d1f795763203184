using System.Text;

namespace Networking.Netctl.Client;

/// <summary>Where the daemon listens: a unix socket, by <c>--host</c>, else by NETD_HOST, else the default.</summary>
/// <param name="Path">Path of the socket.</param>
internal sealed record DaemonAddress(string Path)
{
    /// <summary>The environment variable that names the daemon.</summary>
    public const string Variable = "NETD_HOST";

    /// <summary>Where a daemon with default settings listens.</summary>
    public const string DefaultPath = "/run/netd/netd.sock";

    private const string Scheme = "unix://";

    // sun_path holds 108 bytes with its end.
    private const int PathBytesMax = 107;

    /// <summary>The address in force.</summary>
    public static DaemonAddress Parse(string? option, string? variable)
    {
        if (!string.IsNullOrEmpty(option))
        {
            return ParseFrom(option, "--host");
        }

        return string.IsNullOrEmpty(variable) ? new DaemonAddress(DefaultPath) : ParseFrom(variable, Variable);
    }

    private static DaemonAddress ParseFrom(string text, string source)
    {
        var path = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : text;
        if (path.Contains("://", StringComparison.Ordinal))
        {
            throw new UsageException($"{source} {text}: only unix sockets are spoken to; write unix:///path or a path.");
        }

        if (path.Length == 0 || (path.Length < text.Length && path[0] != '/'))
        {
            throw new UsageException($"{source} {text}: unix:// wants an absolute path, as in unix://{DefaultPath}.");
        }

        if (path.Contains('\0') || Encoding.UTF8.GetByteCount(path) > PathBytesMax)
        {
            throw new UsageException($"{source}: a socket path holds at most {PathBytesMax} bytes; this is none: {path}");
        }

        return new DaemonAddress(path);
    }
}
