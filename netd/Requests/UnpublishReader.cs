using System.Collections.Immutable;
using System.Net;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Requests;

/// <summary>Turns the texts of <c>--unpublish</c> into what they name, collecting every mistake.</summary>
internal static class UnpublishReader
{
    private const string Field = "--unpublish";

    /// <summary>Reads <c>[address:]port[-last][/protocol]</c>, an IPv6 address in brackets, as <c>netctl ports</c> shows them.</summary>
    public static ImmutableArray<UnpublishSpec> Read(ImmutableArray<string> texts, ICollection<Problem> problems)
    {
        var specs = ImmutableArray.CreateBuilder<UnpublishSpec>();
        foreach (var text in ListLimit.Within(PublishReader.EntriesMax, texts, Field, problems))
        {
            if (Read(text, out var problem) is { } spec)
            {
                specs.Add(spec);
            }
            else
            {
                problems.Add(new Problem("unpublish.invalid", Field, $"'{text}': {problem}", "write it as netctl ports shows it, such as 8080/tcp or [::]:53/udp"));
            }
        }

        return specs.ToImmutable();
    }

    private static UnpublishSpec? Read(string text, out string? problem)
    {
        var slash = text.LastIndexOf('/');
        var word = slash < 0 ? "tcp" : text[(slash + 1)..];
        if (!Enum.TryParse<PortProtocol>(word, ignoreCase: true, out var protocol) || !Enum.IsDefined(protocol) || char.IsAsciiDigit(word.FirstOrDefault()))
        {
            problem = $"'{word}' is not tcp, udp or sctp";
            return null;
        }

        var body = slash < 0 ? text : text[..slash];
        var colon = body.LastIndexOf(':');
        IPAddress? address = null;
        if (colon >= 0 && !Prefix.TryParseAddress(body[..colon].Trim('[', ']'), out address, out problem))
        {
            return null;
        }

        return PortRange.TryParse(body.AsSpan(colon + 1), out var ports, out problem) ? new UnpublishSpec(address, ports, protocol) : null;
    }
}
