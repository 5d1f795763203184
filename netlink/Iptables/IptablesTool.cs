using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>The programs of iptables on this host, as PATH has them.</summary>
/// <param name="Restore4">iptables-restore.</param>
/// <param name="Save4">iptables-save.</param>
/// <param name="Restore6">ip6tables-restore.</param>
/// <param name="Save6">ip6tables-save.</param>
/// <param name="Version">What the first says of itself, such as <c>iptables-restore v1.8.9 (nf_tables)</c>.</param>
internal sealed record IptablesTool(string Restore4, string Save4, string Restore6, string Save6, string Version)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Restore = ["--noflush", "--wait", "5"]; // seconds for the lock that the legacy programs keep among themselves

    /// <summary>True if they change the older tables of the kernel, which nf_tables does not show; before 1.8 there were no others.</summary>
    public bool IsLegacy => !Version.Contains("nf_tables", StringComparison.Ordinal);

    /// <summary>Looks for the programs.</summary>
    /// <param name="tool">All of them.</param>
    /// <param name="problem">Which are missing.</param>
    public static bool TryFind(out IptablesTool? tool, out string? problem)
    {
        string[] names = ["iptables-restore", "iptables-save", "ip6tables-restore", "ip6tables-save"];
        var found = names.Select(Find).ToArray();
        var missing = names.Where((_, i) => found[i] is null).ToArray();
        (tool, problem) = (null, null);
        if (missing.Length > 0)
        {
            problem = $"{string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} not on PATH";
            return false;
        }

        try
        {
            var version = ProgramRun.Of(found[0]!, ["--version"], string.Empty, Patience, 4096).Output.Trim(); // none is missing
            tool = new IptablesTool(found[0]!, found[1]!, found[2]!, found[3]!, version);
            return true;
        }
        catch (KernelException e)
        {
            problem = e.Message;
            return false;
        }
    }

    /// <summary>Everything of both families.</summary>
    /// <exception cref="KernelException">A program failed, or printed what cannot be read.</exception>
    public IptablesSnapshot Read()
    {
        var snapshot = new IptablesSnapshot();
        foreach (var isIpv6 in new[] { false, true })
        {
            var program = isIpv6 ? Save6 : Save4;
            var run = ProgramRun.Of(program, [], string.Empty, Patience, IptablesSavedText.BytesMax);
            if (run.ExitCode != 0)
            {
                throw SystemCalls.Refused(Errno.Invalid, $"run {program}", $"exit code {run.ExitCode}: {run.Errors}");
            }

            try
            {
                IptablesSavedText.Read(isIpv6, run.Output, snapshot);
            }
            catch (WireFormatException e)
            {
                throw SystemCalls.Refused(Errno.BadMessage, $"read what {program} printed", e.Message);
            }
        }

        return snapshot;
    }

    /// <summary>Feeds a text to the program of a family.</summary>
    /// <param name="isIpv6">The family.</param>
    /// <param name="text">Whole tables, each of which is done or not.</param>
    /// <param name="started">Told the process's number before it reads.</param>
    /// <exception cref="KernelException">It was refused: exit code, and what the program said.</exception>
    public void Feed(bool isIpv6, string text, Action<int> started)
    {
        var program = isIpv6 ? Restore6 : Restore4;
        var run = ProgramRun.Of(program, Restore, text, Patience, IptablesSavedText.BytesMax, started);
        if (run.ExitCode != 0)
        {
            var isBusy = run.ExitCode == 4; // RESOURCE_PROBLEM: somebody holds the lock, or the kernel was busy
            var errno = isBusy ? Errno.Again : Errno.Invalid;
            throw SystemCalls.Refused(errno, $"run {program} {string.Join(' ', Restore)}", $"exit code {run.ExitCode}: {run.Errors}{RefusedLine(text, run.Errors)}");
        }
    }

    // "line 12 failed" says nothing to whoever does not have the text.
    private static string RefusedLine(string text, string errors)
    {
        var at = errors.IndexOf("line", StringComparison.Ordinal);
        var digits = at < 0 ? string.Empty : new string([.. errors[(at + 4)..].SkipWhile(static c => !char.IsDigit(c)).TakeWhile(char.IsDigit)]);
        return int.TryParse(digits, out var number) && text.Split('\n') is { } lines && number >= 1 && number <= lines.Length
            ? $" [{TableOf(lines, number)}: {lines[number - 1]}]"
            : string.Empty;
    }

    private static string TableOf(string[] lines, int number) => lines.Take(number).LastOrDefault(static l => l.StartsWith('*'))?[1..] ?? "no table";

    private static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(f => Path.Combine(f, name))
        .FirstOrDefault(File.Exists);
}
