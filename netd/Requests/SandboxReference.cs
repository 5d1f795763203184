using System.Globalization;

namespace Networking.Netd.Requests;

/// <summary>What a user called a sandbox. A closed union.</summary>
internal abstract record SandboxReference
{
    private SandboxReference()
    {
    }

    /// <summary>Reads <c>/run/netns/x</c>, <c>pid:N</c>, or a name, id or id prefix of a sandbox there is.</summary>
    public static SandboxReference Parse(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return new Malformed("the sandbox has a NUL character in its name", "write it without");
        }

        if (text.StartsWith('/'))
        {
            return new ByPath(text);
        }

        if (text.StartsWith("pid:", StringComparison.Ordinal))
        {
            return int.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0
                ? new ByProcess(pid)
                : new Malformed($"'{text}' does not name a process", "write pid: and the number of a running process");
        }

        return text.StartsWith("docker:", StringComparison.Ordinal)
            ? new Malformed("Docker containers cannot be named yet", "use pid:$(docker inspect -f '{{.State.Pid}}' CONTAINER)")
            : new ByName(text);
    }

    /// <summary>A bind-mounted namespace.</summary>
    public sealed record ByPath(string Path) : SandboxReference;

    /// <summary>The namespace of a process.</summary>
    public sealed record ByProcess(int ProcessId) : SandboxReference;

    /// <summary>A sandbox that is known already.</summary>
    public sealed record ByName(string Text) : SandboxReference;

    /// <summary>None of these.</summary>
    public sealed record Malformed(string Message, string Hint) : SandboxReference;
}
