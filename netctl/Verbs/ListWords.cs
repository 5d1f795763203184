using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Networking.Netctl.Output;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary>What every listing verb takes, and what it does with it.</summary>
internal sealed class ListWords
{
    private readonly string[] _keys;
    private readonly Option<string> _format = Words.Format("table");
    private readonly Option<bool> _quiet = Words.Flag("--quiet", "ids only", "-q");
    private readonly Option<string[]> _filter;

    public ListWords(Command command, string[] keys)
    {
        _keys = keys;
        _filter = Words.Texts("--filter", "KEY=VALUE", $"only those that match; keys: {string.Join(", ", keys)}", "-f");
        _filter.CompletionSources.Add([.. keys.Select(key => key + "=")]);
        command.Add(_format);
        command.Add(_quiet);
        command.Add(_filter);
    }

    /// <summary>Asks for a list and renders what passes the filter.</summary>
    public async Task<Report> ListAsync<T>(
        Session session, ParseResult parse, string path, JsonTypeInfo<T[]> type, Listing<T> listing,
        CancellationToken cancellation)
    {
        var filter = Filter.Parse(parse.All(_filter), _keys);
        using var daemon = session.Connect(parse);
        var answer = await session.WaitAsync(daemon.GetAsync(path, type, cancellation), "waiting for netd");
        var kept = answer.Value.Where(item => listing.IsKept(filter, item)).ToArray();
        if (parse.GetValue(_quiet))
        {
            return new Report(string.Concat(kept.Select(item => listing.Id(item) + "\n")));
        }

        return new Report(parse.IsJson(_format)
            ? JsonText.Of(answer.Json, index => listing.IsKept(filter, answer.Value[index]))
            : listing.Table(kept, session.Style));
    }
}

/// <summary>What a listing verb must know of the things it lists.</summary>
/// <param name="IsKept">Whether a filter keeps one.</param>
/// <param name="Id">Its id.</param>
/// <param name="Table">Several as a table.</param>
internal sealed record Listing<T>(Func<Filter, T, bool> IsKept, Func<T, string> Id, Func<IEnumerable<T>, Style, string> Table);
