using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;
using Networking.Netctl.Requests;

namespace Networking.Netctl.Verbs;

/// <summary><c>connect</c>: an endpoint for a sandbox on a network.</summary>
internal static class ConnectVerb
{
    public static void Define(Command command, Session session)
    {
        var network = Words.One("NETWORK", "name or id of the network").CompletingNetworks(session);
        var sandbox = Words.One("SANDBOX", "sandbox: its name or id, a path such as /run/netns/x, or pid:N")
            .CompletingSandboxes(session);
        var name = Words.Text("--name", "NAME", "name of the endpoint");
        var alias = Words.Texts("--alias", "NAME", "further name of it on this network");
        var service = Words.Text("--service", "NAME", "service it is a task of: all tasks answer to its name, and to tasks.NAME");
        var hostname = Words.Text("--hostname", "NAME", "what its processes believe their host to be called [default: its name]");
        var link = Words.Texts("--link", "NAME[:ALIAS]", "name for this sandbox alone");
        var ip = Words.Text("--ip", "ADDRESS", "static IPv4 address");
        var ip6 = Words.Text("--ip6", "ADDRESS", "static IPv6 address");
        var mac = Words.Text("--mac", "MAC", "hardware address");
        var ifname = Words.Text("--ifname", "NAME", "interface name in the sandbox");
        var priority = Words.Text("--gw-priority", "NUMBER", "gateway election among networks: the higher wins [default: 0]");
        var dns = Words.Texts("--dns", "ADDRESS", "server to ask for names that are not netd's, from inside the sandbox (up to three) [default: the network's, else the host's]");
        var dnsSearch = Words.Texts("--dns-search", "DOMAIN", "domain to search; . for none [default: the network's, else the host's]");
        var dnsOption = Words.Texts("--dns-option", "OPTION", "option of resolv.conf, such as ndots:2 [default: the network's, else the host's]");
        var publish = Words.Texts(
            "--publish", "PORT", "port to publish: [ip:]host:target[/proto], target, or published=8080,target=80,expose=lan", "-p");
        var expose = Words.Text("--expose", "loopback|lan|world", "who may reach the published ports [default: the network's]");
        expose.CompletionSources.Add("loopback", "lan", "world");
        var sysctl = Words.Texts("--sysctl", "KEY=VALUE", "interface sysctl, as in net.ipv4.conf.IFNAME.log_martians=1");
        var options = Words.Texts("--opt", "KEY=VALUE", "driver option", "-o");
        command.Add(network);
        command.Add(sandbox);
        foreach (var option in new Option[] { name, alias, service, hostname, link, ip, ip6, mac, ifname, priority, dns, dnsSearch, dnsOption, publish, expose, sysctl, options })
        {
            command.Add(option);
        }

        var mutation = new MutationWords(command);
        session.SetAction(command, (parse, cancellation) =>
        {
            var problems = new List<string>();
            var request = new ConnectArguments
            {
                Sandbox = parse.GetRequiredValue(sandbox),
                Name = parse.GetValue(name),
                Aliases = parse.All(alias),
                Service = parse.GetValue(service),
                Hostname = parse.GetValue(hostname),
                Links = parse.All(link),
                Ip = parse.GetValue(ip),
                Ip6 = parse.GetValue(ip6),
                Mac = parse.GetValue(mac),
                Ifname = parse.GetValue(ifname),
                GatewayPriority = parse.GetValue(priority),
                Dns = parse.All(dns),
                DnsSearch = parse.All(dnsSearch),
                DnsOptions = parse.All(dnsOption),
                Publish = parse.All(publish),
                Expose = parse.GetValue(expose),
                Sysctls = parse.All(sysctl),
                Options = parse.All(options),
            }.ToRequest(problems);
            return Changes.SendAsync(
                session, parse, mutation.Read(parse, problems),
                new ChangeCall(
                    HttpMethod.Post, ApiPath.Connect(parse.GetRequiredValue(network)),
                    $"connecting {request.Sandbox}", ChangeText.Endpoint)
                {
                    Body = Changes.Body(request, ApiJson.Default.ConnectRequest),
                },
                cancellation);
        });
    }
}
