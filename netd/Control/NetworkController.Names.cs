using System.Collections.Immutable;
using System.Diagnostics;
using Networking.Dns;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Control;

/// <summary>Names: what a sandbox is told, and by whom.</summary>
internal sealed partial class NetworkController
{
    private const int AddressesMax = 64;

    /// <summary>Names by network and name: those of all networks, or those that a sandbox sees.</summary>
    public ImmutableArray<DnsNameDocument> ListNames(string? reference)
    {
        var state = State;
        var networks = reference is null ? state.Networks.Keys : NamesOf(state, reference).Networks.AsEnumerable();
        return
        [
            .. networks.Select(id => state.Names.Network(id)).OfType<NetworkNames>().OrderBy(static n => n.Name, StringComparer.Ordinal)
                .SelectMany(static n => n.All.OrderBy(static e => e.Key, StringComparer.Ordinal).Select(e => new DnsNameDocument
                {
                    Name = e.Key,
                    Network = n.Name,
                    Addresses = [.. e.Value.SelectMany(static t => new[] { t.Ipv4, t.Ipv6 }).OfType<System.Net.IPAddress>().Take(AddressesMax).Select(static a => a.ToString())],
                })),
        ];
    }

    /// <summary>Asks the resolver of a sandbox as its processes would.</summary>
    public async Task<DnsAnswerDocument> QueryNameAsync(string reference, string name, string type)
    {
        var problems = new List<Problem>();
        var message = DnsQuestionReader.Read(name, type, problems);
        ThrowIfAny(problems);
        if (resolvers is null)
        {
            throw new RefusedException(Refusal.Of(
                409, "dns.off", null, "sandboxes have no resolver: names are off on this node", "start netd with --dns on; netctl dns ls shows the names there would be"));
        }

        var sandbox = NamesOf(State, reference);
        var start = Stopwatch.GetTimestamp();
        var reply = new byte[ushort.MaxValue];
        var (length, stage) = await resolver.ExplainAsync(sandbox.Id, message, reply);
        return DnsAnswerText.Of(name, type.ToUpperInvariant(), stage, reply.AsSpan(0, length), Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Questions of a sandbox as they are answered, from the moment that they are waited for.</summary>
    public IAsyncEnumerable<DnsLogDocument> LogNamesAsync(string reference, CancellationToken cancellationToken)
    {
        var sandbox = NamesOf(State, reference);
        return resolver.Log.ReadAsync(sandbox.Id, cancellationToken).Select(static e => new DnsLogDocument
        {
            Time = e.Time,
            Name = e.Name,
            Type = DnsQuestionReader.TextOf(e.Type),
            Transport = e.IsStream ? "tcp" : "udp",
            Stage = e.Stage.ToString().ToLowerInvariant(),
            Code = e.Code is { } code ? DnsAnswerText.CodeOf(code) : "SILENCE",
            Milliseconds = Math.Round(e.Took.TotalMilliseconds, 2),
        });
    }

    /// <summary>resolv.conf and hosts that were written for a sandbox; null where there is none.</summary>
    public async Task<(string? ResolvConf, string? Hosts)> FilesOfAsync(SandboxRecord sandbox) =>
        resolvers is null ? default : await resolvers.FilesOfAsync(sandbox.Id);

    private static SandboxNames NamesOf(NodeState state, string reference)
    {
        var sandbox = Lookup.Sandbox(state, reference, out var refusal) ?? throw new RefusedException(refusal!); // not found always says why
        return state.Names.Sandbox(sandbox.Record.Id) ?? throw new RefusedException(Refusal.Of(
            409,
            "dns.no-network",
            null,
            $"sandbox {sandbox.Record.Name} is on no network, so it has no resolver",
            $"netctl connect NETWORK {sandbox.Record.Name} gives it one"));
    }
}
