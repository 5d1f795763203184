using System.Globalization;
using Networking.Model.Api;

namespace Networking.Netctl.Requests;

/// <summary>What <c>connect</c> was given, as typed.</summary>
internal sealed record ConnectArguments
{
    public required string Sandbox { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public string? Service { get; init; }

    public string? Hostname { get; init; }

    public IReadOnlyList<string> Links { get; init; } = [];

    public string? Ip { get; init; }

    public string? Ip6 { get; init; }

    public string? Mac { get; init; }

    public string? Ifname { get; init; }

    public string? GatewayPriority { get; init; }

    public IReadOnlyList<string> Dns { get; init; } = [];

    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    public IReadOnlyList<string> Publish { get; init; } = [];

    public string? Expose { get; init; }

    public IReadOnlyList<string> Sysctls { get; init; } = [];

    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The request. Addresses and ports stay text: the daemon judges them, and names every mistake at once.</summary>
    public ConnectRequest ToRequest(ICollection<string> problems)
    {
        var priority = 0;
        if (GatewayPriority is not null &&
            !int.TryParse(GatewayPriority, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out priority))
        {
            problems.Add($"--gw-priority {GatewayPriority}: write a whole number; the higher wins.");
        }

        return new ConnectRequest
        {
            Sandbox = Sandbox,
            Name = Name,
            Aliases = [.. Aliases],
            Service = Service,
            Hostname = Hostname,
            Links = [.. Links],
            Ip = Ip,
            Ip6 = Ip6,
            Mac = Mac,
            Ifname = Ifname,
            GatewayPriority = priority,
            Dns = [.. Dns],
            DnsSearch = [.. DnsSearch],
            DnsOptions = [.. DnsOptions],
            Publish = [.. Publish],
            Expose = Expose,
            Sysctls = Pairs.Parse("--sysctl", Sysctls, isValueOptional: false, problems),
            Options = Pairs.Parse("--opt", Options, isValueOptional: false, problems),
        };
    }
}
