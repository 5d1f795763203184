using System.Text;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Output;

/// <summary>Turns the lines of an event stream into output, and notices numbers that are missing between them.</summary>
internal sealed class EventFeed(Filter filter, bool isJson)
{
    private long? _last;

    /// <summary>Takes one line of the stream.</summary>
    public Report Take(string line, Style style)
    {
        var entry = AnswerJson.Read(Encoding.UTF8.GetBytes(line), ApiJson.Default.EventDocument);
        var missing = _last is { } last ? entry.Sequence - last - 1 : 0;
        _last = entry.Sequence;
        var text = !filter.Matches(entry) ? string.Empty : isJson ? line + "\n" : EventText.Line(entry, style);
        return new Report(text, missing > 0 ? EventText.Gap(missing) : string.Empty);
    }
}
