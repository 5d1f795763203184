using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Networking.Gossip;
using Networking.Gossip.Shell;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.GossipNode;

/// <summary>
/// A process that runs a shell of gossip and nothing else, for tests and benchmarks of many nodes: told what to do by lines, saying
/// what happens by lines.
/// <code>
///   gossip-node LISTEN KEY STATE [SEED...]      LISTEN as address:port, KEY as base64, STATE a file for id and incarnation
///
///   put KEY VALUE · rm KEY · members · rows · status · leave · quit       answers: one line that begins with the command
///   unasked:  row NANOSECONDS KEY VALUE|-  ·  member NANOSECONDS ID STATUS  ·  trouble KIND TEXT
/// </code>
/// </summary>
internal static class Program
{
    private static readonly ScopeId Scope = new(1, 2, 3, 4);

    private static async Task<int> Main(string[] args)
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        var listen = IPEndPoint.Parse(args[0]);
        using var key = new GossipKey(Convert.FromBase64String(args[1]));
        var state = new StateFile(args[2]);
        var identity = state.Read();
        await using var shell = GossipShell.Start(new ShellSettings
        {
            Listen = listen,
            Advertise = listen,
            Identity = new NodeIdentity(identity.Id, identity.Incarnation, Draw(), default, ResumesRows: identity.Incarnation > 0),
            Keys = new Keyring([key], 0),
            Random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue)),
            DrawSession = Draw,
            StoreIncarnation = incarnation => state.Write(identity.Id, incarnation),
            Tell = Tell,
        });
        Say($"ready {shell.Id} {shell.Listen}");
        await shell.DoAsync(new GossipInput.Join([.. args.Skip(3).Select(static s => PeerAddress.From(IPEndPoint.Parse(s)))]));
        await shell.DoAsync(new GossipInput.Attach(Scope));
        await shell.DoAsync(new GossipInput.Settle());
        while (await Console.In.ReadLineAsync() is { } line && line != "quit")
        {
            await ObeyAsync(shell, line.Split(' '));
        }

        return 0;
    }

    private static async Task ObeyAsync(GossipShell shell, string[] words)
    {
        switch (words)
        {
            case ["put", var key, var value]:
                await shell.DoAsync(new GossipInput.Put(Scope, new RowKey("test", key), [.. Encoding.UTF8.GetBytes(value)]));
                Say("put");
                break;
            case ["rm", var key]:
                await shell.DoAsync(new GossipInput.Remove(Scope, new RowKey("test", key)));
                Say("rm");
                break;
            case ["members"]:
                var members = await shell.AskAsync(static n => n.Members, CancellationToken.None);
                Say($"members {string.Join(' ', members.Select(static m => $"{m.Id}={m.Status}"))}");
                break;
            case ["rows"]:
                var rows = await shell.AskAsync(static n => n.Read(Scope), CancellationToken.None);
                Say($"rows {string.Join(' ', rows.Rows.Select(static r => $"{r.Key.Key}={Text(r.Value)}@{r.Owner}"))}");
                break;
            case ["status"]:
                var bad = await shell.AskAsync(static n => (n.CountOf(GossipTrouble.BadFrame), n.CountOf(GossipTrouble.NoDatagrams), n.Incarnation), CancellationToken.None);
                var counters = shell.Counters;
                Say($"status bad={bad.Item1} streamonly={bad.Item2} incarnation={bad.Incarnation} sent={counters.BytesSent} received={counters.BytesReceived} dropped={counters.PacketsDropped}");
                break;
            case ["leave"]:
                await shell.LeaveAsync();
                Say("leave");
                break;
            default:
                Say($"unknown {string.Join(' ', words)}");
                break;
        }
    }

    private static void Tell(GossipEffect effect)
    {
        var at = Stopwatch.GetTimestamp(); // CLOCK_MONOTONIC, nanoseconds: one clock for all processes of a machine
        switch (effect)
        {
            case GossipEffect.RowChanged { Scope.IsCluster: false } row:
                Say(string.Create(CultureInfo.InvariantCulture, $"row {at} {row.Key.Key} {(row.Value is { } value ? Text(value) : "-")}"));
                break;
            case GossipEffect.MemberChanged member:
                Say(string.Create(CultureInfo.InvariantCulture, $"member {at} {member.Member} {member.Status}"));
                break;
            case GossipEffect.Report report:
                Say($"trouble {report.Trouble} {report.Text}");
                break;
            default:
                break;
        }
    }

    private static string Text(ImmutableArray<byte> value) => Encoding.UTF8.GetString(value.AsSpan());

    private static ulong Draw() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
