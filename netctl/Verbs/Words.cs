using System.CommandLine;
using System.CommandLine.Parsing;

namespace Networking.Netctl.Verbs;

/// <summary>Options and arguments in the few shapes that the verbs use. All values stay text; pure code reads them.</summary>
internal static class Words
{
    public static Option<string> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };

    public static Option<string[]> Texts(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description + " (repeatable)", HelpName = value };

    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description };

    public static Argument<string> One(string name, string description) => new(name) { Description = description };

    public static Argument<string?> Optional(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    public static Argument<string[]> Several(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.OneOrMore };

    /// <summary><c>--format table|json</c>.</summary>
    public static Option<string> Format(string fallback)
    {
        var format = Text("--format", "table|json", $"table for people, json for programs [default: {fallback}]");
        format.CompletionSources.Add("table", "json");
        format.Validators.Add(result => RefuseOthers(result, "--format", "table", "json"));
        return format;
    }

    /// <summary>Refuses every value but those given, on one line.</summary>
    public static void RefuseOthers(SymbolResult result, string what, params string[] values)
    {
        foreach (var token in result.Tokens)
        {
            if (!values.Contains(token.Value))
            {
                result.AddError($"{what} {token.Value}: there are {string.Join(", ", values)}.");
            }
        }
    }

    /// <summary>The values of a repeatable option.</summary>
    public static string[] All(this ParseResult parse, Option<string[]> option) => parse.GetValue(option) ?? [];

    /// <summary>The values of a repeatable argument.</summary>
    public static string[] All(this ParseResult parse, Argument<string[]> argument) => parse.GetValue(argument) ?? [];

    /// <summary>The value of a switch that was written; null if it was not.</summary>
    public static bool? Written(this ParseResult parse, Option<bool> flag) =>
        parse.GetResult(flag) is { Implicit: false } ? parse.GetValue(flag) : null;

    /// <summary>True for <c>--format json</c>.</summary>
    public static bool IsJson(this ParseResult parse, Option<string> format) => parse.GetValue(format) == "json";

    /// <summary>Completes with network names, asked from the daemon when they are wanted.</summary>
    public static T CompletingNetworks<T>(this T argument, Session session)
        where T : Argument
    {
        argument.CompletionSources.Add(context => IsNext(argument, context.ParseResult) ? session.Names.Networks() : []);
        return argument;
    }

    /// <summary>Completes with sandbox names, asked from the daemon when they are wanted.</summary>
    public static T CompletingSandboxes<T>(this T argument, Session session)
        where T : Argument
    {
        argument.CompletionSources.Add(context => IsNext(argument, context.ParseResult) ? session.Names.Sandboxes() : []);
        return argument;
    }

    /// <summary>Completes the value of an option with sandbox names.</summary>
    public static Option<string> CompletingSandboxNames(this Option<string> option, Session session)
    {
        option.CompletionSources.Add(_ => session.Names.Sandboxes());
        return option;
    }

    // The library offers the values of all arguments at every place; only the one whose turn it is helps.
    private static bool IsNext(Argument argument, ParseResult parse) => argument == parse.CommandResult.Command.Arguments
        .FirstOrDefault(other => (parse.GetResult(other)?.Tokens.Count ?? 0) < other.Arity.MaximumNumberOfValues);
}
