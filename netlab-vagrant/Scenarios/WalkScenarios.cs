using System.Collections.Immutable;
using System.Globalization;
using Networking.Netlab.Hosts;
using Networking.Netlab.Walks;

namespace Networking.Netlab.Scenarios;

/// <summary>The pages of docs/packet-walks: real packets, and the rules they really meet.</summary>
internal static class WalkScenarios
{
    private const string Words = ". /lab/guest/walk.sh\n";

    public static Scenario PacketWalks { get; } = new(
        "packet-walks", "a packet along each path meets the rules that its page shows, in that order", [], static stage =>
            WalkAsync(stage, WalkList.Networks, [.. WalkList.All.Where(static w => !w.IsBridgeSeen)]));

    public static Scenario PacketWalksBridgeNf { get; } = new(
        "packet-walks-bridge-nf", "the same where bridges show the IP hooks what they pass on", [Feature.BridgeNf], static stage =>
            WalkAsync(stage, WalkList.Web, [.. WalkList.All.Where(static w => w.IsBridgeSeen)]));

    private static async Task WalkAsync(Stage stage, string networks, ImmutableArray<Walk> walks)
    {
        _ = await stage.OnH2Async(
            """
            ip route replace 172.20.0.0/24 via "$H1"
            ip addr replace 10.150.0.200/24 dev "$TRUNK"
            serve_here 8000
            """);
        try
        {
            _ = await stage.OnH1Async(Words + "if [ -e $BRIDGE_NF ]; then cat $BRIDGE_NF >/run/lab-bridge-nf; fi\n" + networks);
            var seen = ImmutableArray.CreateBuilder<(Walk, ImmutableArray<string>)>();
            foreach (var walk in walks)
            {
                seen.Add((walk, await FollowAsync(stage, walk)));
            }

            await CompareAsync(stage, seen.ToImmutable());
        }
        finally
        {
            _ = await stage.OnH1Async(Words + "walk_stop; if [ -e $BRIDGE_NF ]; then bridge_nf \"$(cat /run/lab-bridge-nf)\"; fi");
            _ = await stage.OnH2Async("ip route del 172.20.0.0/24; ip addr del 10.150.0.200/24 dev \"$TRUNK\"");
        }
    }

    private static async Task<ImmutableArray<string>> FollowAsync(Stage stage, Walk walk)
    {
        var begin = $"""
            walk_begin '{walk.Sandbox}' {(walk.IsBridgeSeen ? 1 : 0)} <<'TABLE'
            {LabTable.Text(walk.Marks)}
            TABLE

            """;
        var send = $"{{ {walk.Send}\n}} >/dev/null\n";
        const string End = "walk_end";
        var text = walk.IsFromOutside ? await FromOutsideAsync(stage, begin, send, End) : await stage.OnH1Async(Words + begin + send + End);
        string Part(string name) => text.Split($"=== {name}\n")[1].Split("\n=== ")[0];
        return WalkReader.Read(walk, AsOnPages(walk, stage.H1, Part("trace")), RuleList.Parse(Part("before")), RuleList.Parse(Part("after")));
    }

    // Pages call the host's interfaces eth0 and eth1, whatever they are called on this kind of host; those of a sandbox are
    // called so everywhere.
    private static string AsOnPages(Walk walk, LabHost host, string trace) => walk.Sandbox is not null
        ? trace
        : trace.Replace($"\"{host.Lan}\"", "\"eth0\"", StringComparison.Ordinal).Replace($"\"{host.Trunk}\"", "\"eth1\"", StringComparison.Ordinal);

    private static async Task<string> FromOutsideAsync(Stage stage, string begin, string send, string end)
    {
        _ = await stage.OnH1Async(Words + begin);
        _ = await stage.OnH2Async(Words + send);
        return await stage.OnH1Async(Words + end);
    }

    private static async Task CompareAsync(Stage stage, ImmutableArray<(Walk Walk, ImmutableArray<string> Lines)> seen)
    {
        foreach (var page in seen.GroupBy(static s => s.Walk.Page))
        {
            await stage.KeepAsync($"{page.Key}.md", string.Join('\n', page.Select(static s => WalkPage.Block(s.Walk.Title, s.Lines))));
        }

        await stage.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{seen.Length} walks seen; as pages in the folder of this scenario, among the results"));
        var pages = WalkPage.All();
        var differences = seen
            .Select(s => WalkDifference.Between(pages.FirstOrDefault(p => p.Name == s.Walk.Page), s.Walk.Page, s.Walk.Title, s.Lines))
            .OfType<string>()
            .ToArray();
        if (differences.Length > 0)
        {
            throw new CheckFailedException(string.Join('\n', differences));
        }
    }
}
