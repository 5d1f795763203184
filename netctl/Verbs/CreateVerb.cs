using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary><c>create</c>: a network.</summary>
internal static class CreateVerb
{
    public static void Define(Command command, Session session)
    {
        var name = Words.One("NAME", "name of the network");
        var driver = Words.Text("--driver", "DRIVER", "driver [default: bridge]", "-d");
        driver.CompletionSources.Add("bridge", "macvlan");
        var subnet = Words.Texts("--subnet", "PREFIX", "subnet as address/length, or 0.0.0.0/24 or ::/64 for any of that size; from the pools if not given");
        var gateway = Words.Texts("--gateway", "ADDRESS", "gateway inside one of the subnets");
        var range = Words.Texts("--ip-range", "PREFIX", "choose addresses from this part of a subnet only");
        var auxiliary = Words.Texts("--aux-address", "NAME=ADDRESS", "address set aside; DefaultGatewayIPv4 and DefaultGatewayIPv6 are routed by");
        var ipv4 = Words.Flag("--ipv4", "IPv4; --ipv4=false turns it off");
        var ipv6 = Words.Flag("--ipv6", "IPv6; on by itself when an IPv6 subnet is given");
        var isInternal = Words.Flag("--internal", "no way in or out");
        var options = Words.Texts("--opt", "KEY=VALUE", "driver option", "-o");
        var ipamOptions = Words.Texts("--ipam-opt", "KEY=VALUE", "option of address management, such as serial=true");
        ipamOptions.CompletionSources.Add("com.docker.network.ipam.serial=", "serial=");
        var dns = Words.Texts("--dns", "ADDRESS", "server that its sandboxes ask for names that are not netd's (up to three) [default: the host's]");
        var dnsSearch = Words.Texts("--dns-search", "DOMAIN", "domain that its sandboxes search; . for none [default: the host's]");
        var dnsOption = Words.Texts("--dns-option", "OPTION", "option of their resolv.conf, such as ndots:2 [default: the host's]");
        var labels = Words.Texts("--label", "KEY[=VALUE]", "label");
        command.Add(name);
        foreach (var option in new Option[] { driver, subnet, gateway, range, auxiliary, ipv4, ipv6, isInternal, ipamOptions, options, dns, dnsSearch, dnsOption, labels })
        {
            command.Add(option);
        }

        var mutation = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
        {
            var problems = new List<string>();
            var request = new CreateArguments
            {
                Name = parse.GetRequiredValue(name),
                Driver = parse.GetValue(driver),
                Subnets = parse.All(subnet),
                Gateways = parse.All(gateway),
                IpRanges = parse.All(range),
                AuxAddresses = parse.All(auxiliary),
                IpamOptions = parse.All(ipamOptions),
                Ipv4 = parse.Written(ipv4),
                Ipv6 = parse.Written(ipv6),
                IsInternal = parse.GetValue(isInternal),
                Options = parse.All(options),
                Dns = parse.All(dns),
                DnsSearch = parse.All(dnsSearch),
                DnsOptions = parse.All(dnsOption),
                Labels = parse.All(labels),
            }.ToRequest(problems);
            return Changes.SendAsync(
                session, parse, mutation.Read(parse, problems),
                new ChangeCall(HttpMethod.Post, ApiPath.Networks, $"creating network {request.Name}", change => change.Id)
                {
                    Body = Changes.Body(request, ApiJson.Default.CreateNetworkRequest),
                },
                cancellation);
        });
    }
}
