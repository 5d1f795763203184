using System.Net;
using System.Net.Sockets;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Requests;

/// <summary>Turns the text of a connect request into a spec, collecting every mistake.</summary>
internal static class EndpointRequestReader
{
    public static EndpointSpec Read(ConnectRequest request, List<Problem> problems) => new()
    {
        Name = string.IsNullOrEmpty(request.Name) ? null : request.Name,
        Aliases = ListLimit.Within(ListLimit.AliasesMax, request.Aliases, "--alias", problems),
        Ipv4 = ReadAddress(request.Ip, "--ip", AddressFamily.InterNetwork, problems),
        Ipv6 = ReadAddress(request.Ip6, "--ip6", AddressFamily.InterNetworkV6, problems),
        Mac = ReadMac(request.Mac, problems),
        InterfaceName = request.Ifname,
        GatewayPriority = request.GatewayPriority,
        Service = string.IsNullOrEmpty(request.Service) ? null : request.Service,
        Hostname = string.IsNullOrEmpty(request.Hostname) ? null : request.Hostname,
        Links = LinkReader.Read(request.Links, problems),
        Dns = DnsReader.Read(request.Dns, request.DnsSearch, request.DnsOptions, problems).Apply(DnsSpec.Empty),
        Publish = PublishReader.Read(request.Publish, request.Expose, problems),
        Sysctls = request.Sysctls,
        Options = request.Options,
    };

    private static IPAddress? ReadAddress(string? text, string field, AddressFamily family, List<Problem> problems)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!Prefix.TryParseAddress(text, out var address, out var problem))
        {
            var sample = family == AddressFamily.InterNetwork ? "10.20.0.10" : "fd00:20::10";
            problems.Add(new Problem("address.invalid", field, problem!, $"write it as {sample}, or leave it out for the next free one")); // a refusal always says why
            return null;
        }

        if (address.AddressFamily != family)
        {
            var (is6, other) = family == AddressFamily.InterNetwork ? ("IPv6", "--ip6") : ("IPv4", "--ip");
            problems.Add(new Problem("address.family", field, $"{address} is an {is6} address", $"give it with {other}"));
            return null;
        }

        return address;
    }

    private static MacAddress? ReadMac(string? text, List<Problem> problems)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (MacAddress.TryParse(text, out var mac))
        {
            return mac;
        }

        problems.Add(new Problem("mac.invalid", "--mac", $"'{text}' is not a hardware address", "write it as 02:42:ac:11:00:02"));
        return null;
    }
}
