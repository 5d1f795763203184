using System.CommandLine;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary>What every mutating verb takes.</summary>
internal sealed class MutationWords
{
    private readonly Option<bool> _dryRun = Words.Flag("--dry-run", "show the plan, do nothing");
    private readonly Option<string> _timeout = Words.Text(
        "--timeout", "SECONDS", "how long to wait for the kernel, 1–300 [default: 30]");

    private readonly Option<string> _format = Words.Format("table");
    private readonly Option<bool> _quiet = Words.Flag("--quiet", "ids only", "-q");

    public MutationWords(Command command)
    {
        command.Add(_dryRun);
        command.Add(_timeout);
        command.Add(_format);
        command.Add(_quiet);
    }

    /// <summary>
    /// Reads what was given. <paramref name="problems"/> are those found in the verb's own words: this is where they
    /// are thrown, together with ours, so that a person mends all of them at once.
    /// </summary>
    public Mutation Read(ParseResult parse, ICollection<string>? problems = null)
    {
        problems ??= new List<string>();
        var timeout = WaitTime.Parse(parse.GetValue(_timeout), problems);
        return problems.Count > 0
            ? throw new UsageException([.. problems])
            : new Mutation(parse.GetValue(_dryRun), timeout, parse.IsJson(_format), parse.GetValue(_quiet));
    }
}
