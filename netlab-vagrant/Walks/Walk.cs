using System.Collections.Immutable;

namespace Networking.Netlab.Walks;

/// <summary>A packet that is sent, and followed from rule to rule; what it meets stands on a page of docs/packet-walks.</summary>
/// <param name="Page">The page, without .md.</param>
/// <param name="Title">Its block there.</param>
/// <param name="Send">A script that sends it.</param>
/// <param name="Marks">The packets that are followed, in the order in which they come.</param>
internal sealed record Walk(string Page, string Title, string Send, ImmutableArray<Mark> Marks)
{
    /// <summary>Whether the second host sends.</summary>
    public bool IsFromOutside { get; init; }

    /// <summary>The sandbox whose rules are met; null for those of the first host.</summary>
    public string? Sandbox { get; init; }

    /// <summary>
    /// Whether bridges show the IP hooks what they pass on (bridge-nf-call). Only where br_netfilter is loaded; without it a host
    /// is as with false.
    /// </summary>
    public bool IsBridgeSeen { get; init; }

    /// <summary>Where it is, as the page says it.</summary>
    public string Place => Sandbox is null ? "the host" : "the sandbox";
}
