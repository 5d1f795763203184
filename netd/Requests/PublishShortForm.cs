using System.Net;
using Networking.Model;

namespace Networking.Netd.Requests;

/// <summary>Reads <c>[ip:]host[-end]:target[-end][/proto]</c>, <c>ip::target</c> and <c>target</c>, as Docker writes them.</summary>
internal static class PublishShortForm
{
    public static PublishSpec? Read(PublishEntry entry)
    {
        var slash = entry.Text.LastIndexOf('/');
        var protocol = slash < 0 ? PortProtocol.Tcp : entry.ReadProtocol(entry.Text[(slash + 1)..]);
        var body = slash < 0 ? entry.Text : entry.Text[..slash];
        return Split(body, entry) is not var (address, published, target)
            ? null
            : entry.Build(new PublishSpec
            {
                HostAddress = address is null ? null : entry.ReadAddress(address),
                Published = string.IsNullOrEmpty(published) ? null : entry.ReadPorts(published, "of the host", $"write {AnyOf(address, target)} for any free port"),
                Target = entry.ReadPorts(target, "in the sandbox"),
                Protocol = protocol,
            });
    }

    private static string AnyOf(string? address, string target) =>
        address is null ? target : address.Contains(':', StringComparison.Ordinal) ? $"[{address}]::{target}" : $"{address}::{target}";

    // The host's ports are null if there is no colon, and empty between two.
    private static (string? Address, string? Published, string Target)? Split(string body, PublishEntry entry)
    {
        if (body.StartsWith('['))
        {
            return SplitBracketed(body, entry);
        }

        var parts = body.Split(':');
        switch (parts)
        {
            case [var target]:
                return (null, null, target);
            case ["", var target]:
                entry.Refuse("publish.port", "it has no port of the host before the colon", $"write {target} for any free one");
                return null;
            case [var published, var target] when IPAddress.TryParse(published, out _) && published.Contains('.', StringComparison.Ordinal):
                entry.Refuse("publish.port", "it has no port of the host", $"write {published}::{target} for any free one of that address");
                return null;
            case [var published, var target]:
                return (null, published, target);
            case ["", var published, var target]:
                entry.Refuse(
                    "publish.address",
                    "it has no address before the first colon",
                    published.Length == 0 ? $"write {target} for any free port of the host" : $"write {published}:{target} for all of the host's");
                return null;
            case [var address, var published, var target]:
                return (address, published, target);
            default:
                entry.Refuse("publish.address", "it has too many colons", "write IPv6 addresses in brackets, such as [::1]:8080:80");
                return null;
        }
    }

    private static (string? Address, string? Published, string Target)? SplitBracketed(string body, PublishEntry entry)
    {
        var end = body.IndexOf(']', StringComparison.Ordinal);
        if (end < 0)
        {
            entry.Refuse("publish.address", "the bracket is not closed", "write IPv6 addresses in brackets, such as [::1]:8080:80");
            return null;
        }

        var address = body[1..end];
        if (!address.Contains(':', StringComparison.Ordinal))
        {
            entry.Refuse("publish.address", $"'{address}' in brackets is not an IPv6 address", "write [::1]:8080:80, or 127.0.0.1:8080:80");
            return null;
        }

        switch (body[(end + 1)..].Split(':'))
        {
            case ["", var published, var target]:
                return (address, published, target);
            case ["", var target]:
                entry.Refuse("publish.port", "it has no port of the host", $"write [{address}]::{target} for any free one of that address");
                return null;
            default:
                entry.Refuse("publish.port", "the address is not followed by :host:target", "write it as [::1]:8080:80");
                return null;
        }
    }
}
