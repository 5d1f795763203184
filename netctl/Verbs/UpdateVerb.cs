using System.CommandLine;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary><c>update</c>: a network under its endpoints, or the published ports and servers of one endpoint.</summary>
internal static class UpdateVerb
{
    public static void Define(Command command, Session session)
    {
        var network = Words.One("NETWORK", "name or id of the network").CompletingNetworks(session);
        var sandbox = new Argument<string?>("SANDBOX")
        {
            Description = "sandbox as for connect, or name or id of an endpoint: its ports and servers are changed, not the network's",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var options = Words.Texts("--opt", "KEY=VALUE", "driver option to set", "-o");
        var lessOptions = Words.Texts("--opt-rm", "KEY", "driver option to take away");
        var labels = Words.Texts("--label", "KEY[=VALUE]", "label to set");
        var lessLabels = Words.Texts("--label-rm", "KEY", "label to take away");
        var subnet = Words.Texts("--subnet", "PREFIX", "subnet of a family that the network does not have yet");
        var gateway = Words.Texts("--gateway", "ADDRESS", "gateway inside one of the subnets");
        var ipv4 = Words.Flag("--ipv4", "IPv4 on; --ipv4=false turns it off");
        var ipv6 = Words.Flag("--ipv6", "IPv6 on; --ipv6=false turns it off");
        var dns = Words.Texts("--dns", "ADDRESS", "server to ask from now on, for the network or for SANDBOX; default for none of its own");
        var dnsSearch = Words.Texts("--dns-search", "DOMAIN", "domain to search from now on; . for none, default for no list of its own");
        var dnsOption = Words.Texts("--dns-option", "OPTION", "option of resolv.conf from now on; default for none of its own");
        var undo = Words.Flag("--undo", "back to what the network was before its last change");
        var publish = Words.Texts("--publish", "PORT", "port of SANDBOX to publish, as for connect", "-p");
        var expose = Words.Text("--expose", "LEVEL", "who may reach them: loopback, lan or world; without -p, those that stand");
        expose.CompletionSources.Add("loopback", "lan", "world");
        var unpublish = Words.Texts("--unpublish", "PORT", "published port of SANDBOX to take back, such as 8080/tcp");
        command.Add(network);
        command.Add(sandbox);
        foreach (var option in new Option[] { options, lessOptions, labels, lessLabels, subnet, gateway, ipv4, ipv6, dns, dnsSearch, dnsOption, undo, publish, expose, unpublish })
        {
            command.Add(option);
        }

        var mutation = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
        {
            var problems = new List<string>();
            var arguments = new UpdateArguments
            {
                Sandbox = parse.GetValue(sandbox),
                Options = parse.All(options),
                RemovedOptions = parse.All(lessOptions),
                Labels = parse.All(labels),
                RemovedLabels = parse.All(lessLabels),
                Subnets = parse.All(subnet),
                Gateways = parse.All(gateway),
                Ipv4 = parse.Written(ipv4),
                Ipv6 = parse.Written(ipv6),
                Dns = parse.All(dns),
                DnsSearch = parse.All(dnsSearch),
                DnsOptions = parse.All(dnsOption),
                IsUndo = parse.GetValue(undo),
                Publish = parse.All(publish),
                Expose = parse.GetValue(expose),
                Unpublish = parse.All(unpublish),
            };
            return Changes.SendAsync(
                session, parse, mutation.Read(parse, arguments.Check(problems)),
                arguments.ToCall(parse.GetRequiredValue(network)), cancellation);
        });
    }
}
