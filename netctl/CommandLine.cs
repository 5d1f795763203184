using System.CommandLine;
using System.CommandLine.Invocation;
using Networking.Netctl.Client;
using Networking.Netctl.Output;
using Networking.Netctl.Verbs;

namespace Networking.Netctl;

/// <summary>One run: parse, act, and turn whatever went wrong into words and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line and gives the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Session session)
    {
        var parse = VerbTable.Tree(session, args).Parse(args);
        if (parse.Action is ParseErrorAction)
        {
            return session.Terminal.Print(ErrorText.OfUsage(Problems(parse), PathOf(parse.CommandResult.Command)));
        }

        try
        {
            return await parse.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = session.Terminal.Out,
                    Error = session.Terminal.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null, // signals are ours
                },
                session.Signals.Token);
        }
        catch (UsageException exception)
        {
            return session.Terminal.Print(ErrorText.OfUsage(exception.Problems, PathOf(parse.CommandResult.Command)));
        }
        catch (DaemonException exception)
        {
            return session.Terminal.Print(ErrorText.Of(exception));
        }
        catch (OperationCanceledException) when (session.Signals.Token.IsCancellationRequested)
        {
            return session.Signals.Exit;
        }
        catch (Exception exception)
        {
            // Nothing else is expected: a mistake of ours, reported whole, without the core dump of a crash.
            return session.Terminal.Print(ErrorText.OfBug(exception));
        }
    }

    // With an unknown verb the library also says that one is missing; the first thing is what helps.
    private static IEnumerable<string> Problems(ParseResult parse)
    {
        if (parse.UnmatchedTokens.Count > 0 && parse.CommandResult.Command is { Subcommands.Count: > 0 } command)
        {
            var word = parse.UnmatchedTokens[0];
            var meant = Typo.Nearest(word, command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name));
            return [$"{word}: no such {(word.StartsWith('-') ? "option here" : "verb")}." + (meant is null ? string.Empty : $" Did you mean {meant}?")];
        }

        return parse.Errors.Select(error => error.Message);
    }

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent
            ? $"{PathOf(parent)} {command.Name}"
            : VerbTable.Program;
}
