using System.Net;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Netd.Requests;

/// <summary>One text of <c>--publish</c>: reads its parts, whichever form they came in, and refuses them by name.</summary>
internal sealed class PublishEntry(string text, ICollection<Problem> problems)
{
    public const string Field = "--publish";
    public const string Exposures = "write loopback, lan or world";

    private const int ShownLengthMax = 100;

    private bool _isRefused;

    /// <summary>What the user wrote.</summary>
    public string Text => text;

    /// <summary>What the user wrote, cut to what fits a message.</summary>
    public string Shown => text.Length <= ShownLengthMax ? text : string.Concat(text.AsSpan(0, ShownLengthMax), "…");

    public static bool TryReadExposure(string word, out PortExposure exposure)
    {
        (var isKnown, exposure) = word.ToLowerInvariant() switch
        {
            "loopback" => (true, PortExposure.Loopback),
            "lan" => (true, PortExposure.Lan),
            "world" => (true, PortExposure.World),
            _ => (false, default),
        };
        return isKnown;
    }

    public void Refuse(string code, string message, string? hint = null)
    {
        _isRefused = true;
        problems.Add(new Problem(code, Field, $"'{Shown}': {message}", hint));
    }

    public PortRange ReadPorts(string ports, string whose, string? anyHint = null)
    {
        if (ports == "0" && anyHint is not null)
        {
            Refuse("publish.port", "'0' is not a port: ports are 1 to 65535", anyHint);
            return default;
        }

        if (ports.Length == 0)
        {
            Refuse("publish.port", $"it has no port {whose}", "write host:target, such as 8080:80");
            return default;
        }

        if (!PortRange.TryParse(ports, out var range, out var problem))
        {
            Refuse("publish.port", problem!); // a refusal always says why
        }

        return range;
    }

    public PortProtocol ReadProtocol(string word)
    {
        switch (word.ToLowerInvariant())
        {
            case "tcp":
                return PortProtocol.Tcp;
            case "udp":
                return PortProtocol.Udp;
            case "sctp":
                return PortProtocol.Sctp;
            default:
                Refuse("publish.protocol", $"'{word}' is not a protocol whose ports can be published", "write tcp, udp or sctp");
                return default;
        }
    }

    public PortExposure ReadExposure(string word)
    {
        if (!TryReadExposure(word, out var exposure))
        {
            Refuse("publish.expose", $"'{word}' does not say who may reach it", Exposures);
        }

        return exposure;
    }

    public IPAddress? ReadAddress(string address)
    {
        if (address.Contains('%', StringComparison.Ordinal))
        {
            Refuse("publish.address", $"{address} has a zone: ports cannot be published on an address of one link", "use another address of the host");
            return null;
        }

        if (!Prefix.TryParseAddress(address, out var parsed, out var problem))
        {
            Refuse("publish.address", problem!, "the host's side is one of its addresses, not a name; write IPv6 in brackets, such as [::1]:8080:80");
            return null;
        }

        var what = parsed.IsIPv6LinkLocal ? "is link-local: it means another host on every link"
            : parsed.IsIPv6Multicast || parsed is { AddressFamily: AddressFamily.InterNetwork } && parsed.GetAddressBytes()[0] is >= 224 and < 240
                ? "is a multicast address"
            : parsed.Equals(IPAddress.Broadcast) ? "is the broadcast address"
            : null;
        if (what is not null)
        {
            Refuse("publish.address", $"{parsed} {what}", "use an address of the host, or none for all of them");
        }

        return parsed;
    }

    /// <summary>The specification, unless something was refused; ranges that do not fit each other are refused here.</summary>
    public PublishSpec? Build(PublishSpec spec)
    {
        if (!_isRefused && spec.Published is { } published && published.Count != spec.Target.Count && spec.Target.Count != 1)
        {
            var end = spec.Target.First + published.Count - 1;
            Refuse(
                "publish.range",
                $"{published.Count} ports of the host cannot be paired with {spec.Target.Count} of the target",
                published.Count > 1 && end <= ushort.MaxValue
                    ? $"{published} goes with {new PortRange(spec.Target.First, end)}; or leave the host's out for any free ones"
                    : "give as many of the host, or none for any free ones");
        }

        return _isRefused ? null : spec;
    }
}
