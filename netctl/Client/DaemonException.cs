using System.Net;
using Networking.Model.Api;

namespace Networking.Netctl.Client;

/// <summary>The daemon did not do as asked. A closed union.</summary>
internal abstract class DaemonException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Nobody answers at the socket.</summary>
internal sealed class DaemonUnreachableException(string path, string reason, string hint, Exception? inner = null)
    : DaemonException($"cannot reach netd at {path}: {reason}", inner)
{
    /// <summary>What to try next.</summary>
    public string Hint { get; } = hint;
}

/// <summary>The daemon refused or failed, and said why.</summary>
internal sealed class DaemonRefusedException(HttpStatusCode status, ErrorDocument error) : DaemonException(error.Message)
{
    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>Why.</summary>
    public ErrorDocument Error { get; } = error;
}

/// <summary>The daemon's answer is missing, cut off or not understood: whether the request was done is unknown.</summary>
internal sealed class DaemonAnswerException(string message, string hint, Exception? inner = null)
    : DaemonException(message, inner)
{
    /// <summary>What to try next.</summary>
    public string Hint { get; } = hint;
}
