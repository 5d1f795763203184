using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Dns;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Requests;

/// <summary>Turns servers, search list and options as typed into an edit, collecting every mistake.</summary>
internal static class DnsReader
{
    private const string Default = "default";
    private const int WordsMax = 32;
    private const int OptionLengthMax = 64;

    /// <summary>An empty list is not asked about; the word <c>default</c> alone takes it away.</summary>
    public static DnsEdit Read(ImmutableArray<string> servers, ImmutableArray<string> search, ImmutableArray<string> options, List<Problem> problems)
    {
        if (servers.Length > DnsSpec.ServersMax)
        {
            problems.Add(new Problem(
                "dns.many", "--dns", $"{servers.Length} servers are given, and at most {DnsSpec.ServersMax} are asked", "leave the others out"));
        }

        foreach (var (field, words) in new[] { ("--dns-search", search), ("--dns-option", options) }.Where(static f => f.Item2.Length > WordsMax))
        {
            problems.Add(new Problem("dns.many", field, $"{field} is given {words.Length} times, and {WordsMax} is the most", "leave some out"));
        }

        return new DnsEdit
        {
            Servers = Meant(servers)?.Select(s => Server(s, problems)).OfType<IPAddress>().Distinct().ToImmutableArray(),
            Search = Meant(search)?.Where(w => IsDomain(w, search.Length, problems)).ToImmutableArray(),
            Options = Meant(options)?.Where(w => IsOption(w, problems)).ToImmutableArray(),
        };
    }

    private static ImmutableArray<string>? Meant(ImmutableArray<string> words) =>
        words.IsEmpty ? null : words is [Default] ? [] : [.. words.Take(WordsMax)]; // of too many the first are judged

    private static IPAddress? Server(string text, List<Problem> problems)
    {
        if (!Prefix.TryParseAddress(text, out var address, out var problem))
        {
            problems.Add(new Problem("dns.server", "--dns", problem!, "give the server's address")); // a refusal always says why
            return null;
        }

        if (ResolverAddresses.All.Contains(address))
        {
            problems.Add(new Problem(
                "dns.loop", "--dns", $"{address} is where netd itself answers in a sandbox: it would ask itself", "leave it out; names of netd's networks are answered anyway"));
            return null;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6Multicast
            || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224))
        {
            problems.Add(new Problem("dns.server", "--dns", $"{address} is not the address of one host", "give the server's address"));
            return null;
        }

        return address;
    }

    private static bool IsDomain(string text, int count, List<Problem> problems)
    {
        Span<byte> wire = stackalloc byte[NameWire.BytesMax];
        var isAlone = text == DnsSpec.NoSearch;
        if ((isAlone && count == 1) || (!isAlone && !text.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c)) && NameText.TryWrite(text, wire) > 1))
        {
            return true;
        }

        problems.Add(new Problem(
            "dns.search",
            "--dns-search",
            isAlone ? "'.' is for no search list at all, and there is one beside it" : $"'{text}' is no domain",
            "labels of 1 to 63 letters joined by dots, or . alone for no list"));
        return false;
    }

    private static bool IsOption(string text, List<Problem> problems)
    {
        if (text.Length is > 0 and <= OptionLengthMax && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.'))
        {
            return true;
        }

        problems.Add(new Problem("dns.option", "--dns-option", $"'{text}' is no option of resolv.conf", "such as ndots:2, timeout:1 or rotate; resolv.conf(5) lists them"));
        return false;
    }
}
