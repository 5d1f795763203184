using System.Collections.Immutable;
using System.Globalization;
using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Api;

/// <summary>What a route takes behind the question mark.</summary>
/// <param name="Name">The key; case does not matter.</param>
/// <param name="Type">Its JSON schema type: string, boolean, integer or number.</param>
/// <param name="Description">What it does, a sentence.</param>
internal sealed record QueryParameter(string Name, string Type, string Description);

/// <summary>The query of a route: what can be in it, and what is wrong with one that was sent.</summary>
internal sealed class RouteQuery
{
    private const double TimeoutMinSeconds = 1;
    private const double TimeoutMaxSeconds = 300;

    private readonly string _route;

    private RouteQuery(string method, string path)
    {
        _route = $"{method} {path}";
        Parameters = [.. ParametersOf(method, path)];
    }

    /// <summary>All that it can have.</summary>
    public ImmutableArray<QueryParameter> Parameters { get; }

    /// <summary>The query of a route.</summary>
    public static RouteQuery Of(string method, string path) => new(method, path);

    /// <summary>Every mistake of a query; none as a rule.</summary>
    public List<Problem> Judge(IQueryCollection query)
    {
        var problems = new List<Problem>();
        foreach (var (key, values) in query)
        {
            if (Parameters.FirstOrDefault(p => string.Equals(p.Name, key, StringComparison.OrdinalIgnoreCase)) is not { } parameter)
            {
                problems.Add(new Problem("query.unknown", key, $"{_route} takes no query parameter '{key}'", Meant(key)));
            }
            else if (values.Count > 1)
            {
                problems.Add(new Problem("query.twice", key, $"query parameter {key} is given {values.Count} times", "give it once"));
            }
            else if (Wrong(parameter, values.ToString()) is { } wrong)
            {
                problems.Add(wrong);
            }
        }

        return problems;
    }

    /// <summary>A flag of a query that was judged.</summary>
    public static bool Flag(HttpContext http, string name) => http.Request.Query.TryGetValue(name, out var text) && bool.TryParse(text, out var value) && value;

    /// <summary>The timeout of a query that was judged; null if it gives none.</summary>
    public static TimeSpan? Timeout(HttpContext http) =>
        http.Request.Query.TryGetValue("timeout", out var text) && IsTimeout(text, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    private string Meant(string key)
    {
        var names = Parameters.Select(static p => p.Name).ToArray();
        return names.Length == 0 ? "it takes none"
            : EditDistance.Nearest(key, names) is { } near ? $"did you mean {near}? it takes {string.Join(", ", names)}"
            : $"it takes {string.Join(", ", names)}";
    }

    private static Problem? Wrong(QueryParameter parameter, string text) => parameter.Type switch
    {
        "boolean" when !bool.TryParse(text, out _) => new Problem(
            "flag.invalid", parameter.Name, $"{parameter.Name} '{text}' is neither true nor false", $"write {parameter.Name}=true or {parameter.Name}=false"),
        "integer" when !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) => new Problem(
            $"{parameter.Name}.invalid", parameter.Name, $"{parameter.Name} '{text}' is not the number of an event", "write the sequence of an event, or 0 for all that are remembered"),
        "number" when !IsTimeout(text, out _) => new Problem(
            $"{parameter.Name}.invalid",
            parameter.Name,
            string.Create(CultureInfo.InvariantCulture, $"{parameter.Name} '{text}' is not a number of seconds from {TimeoutMinSeconds} to {TimeoutMaxSeconds}"),
            $"write {parameter.Name}=30, or leave it out"),
        _ => null,
    };

    private static bool IsTimeout(string? text, out double seconds) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds) && seconds is >= TimeoutMinSeconds and <= TimeoutMaxSeconds;

    private static IEnumerable<QueryParameter> ParametersOf(string method, string path)
    {
        if (path == "/v1/events")
        {
            yield return new QueryParameter("since", "integer", "First the remembered events after this number.");
            yield return new QueryParameter("follow", "boolean", "Wait for those to come; true by default.");
        }

        if ((method, path) == ("GET", "/v1/cluster/keys"))
        {
            yield return new QueryParameter("secrets", "boolean", "The keys themselves, too.");
        }

        if (path == "/v1/ipam/why")
        {
            yield return new QueryParameter("address", "string", "An address, or a prefix as address/length.");
        }

        if (path.StartsWith("/v1/dns", StringComparison.Ordinal))
        {
            yield return new QueryParameter("sandbox", "string", "Id, unique id prefix or name of a sandbox.");
        }

        if (path == "/v1/dns/query")
        {
            yield return new QueryParameter("name", "string", "A name as a process would ask for it.");
            yield return new QueryParameter("type", "string", "Type of record; A by default.");
        }

        if (method != "GET")
        {
            yield return new QueryParameter("dryRun", "boolean", "Answer the plan and change nothing.");
            yield return new QueryParameter("timeout", "number", "Seconds to wait for the kernel, 1 to 300.");
        }

        if (path == "/v1/networks/{ref}/disconnect" || (method == "DELETE" && !path.StartsWith("/v1/cluster", StringComparison.Ordinal)))
        {
            yield return new QueryParameter("force", "boolean", method == "DELETE" ? "Take endpoints along." : "Also if its sandbox cannot be reached, which is so anyway.");
        }
    }
}
