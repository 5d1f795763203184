using System.Collections.Immutable;
using System.Globalization;

namespace Networking.Netlab.Walks;

/// <summary>Makes of what the kernel told of a packet the lines that stand on the page. Pure.</summary>
internal static class WalkReader
{
    /// <summary>The lines of a walk.</summary>
    /// <param name="walk">Which packets were followed.</param>
    /// <param name="trace">What "nft monitor trace" printed meanwhile.</param>
    /// <param name="before">The rules before the first packet, with what they had counted.</param>
    /// <param name="after">The same rules after the last.</param>
    public static ImmutableArray<string> Read(Walk walk, string trace, RuleList before, RuleList after)
    {
        var legs = Legs(trace.Split('\n').Select(TraceLine.Parse).OfType<TraceLine>());
        var rows = walk.Marks
            .Select(m => (m.Leg, Rows: legs.TryGetValue(m.Leg, out var lines) ? Rows(walk, lines, before, after) : [($"the firewall of {walk.Place} does not see it", string.Empty)]))
            .ToArray();
        var width = rows.SelectMany(static l => l.Rows).Where(static r => r.What.Length > 0).Select(static r => r.Where.Length).Append(0).Max();
        return [.. rows.SelectMany(l => l.Rows.Select(r => $"  {r.Where.PadRight(width)}  {r.What}".TrimEnd()).Prepend(l.Leg))];
    }

    // Each begins with the mark that the lab's table sets. Packets are followed one after the other: the answer is not sent
    // before the question has come.
    private static Dictionary<string, List<TraceLine>> Legs(IEnumerable<TraceLine> lines)
    {
        var legs = new Dictionary<string, List<TraceLine>>(StringComparer.Ordinal);
        List<TraceLine> leg = [];
        TraceLine? packet = null; // told before the rule that it meets, so before it is known whether a leg begins with it
        foreach (var line in lines)
        {
            if (line is { IsOfLab: true, Kind: "rule" })
            {
                legs[line.Comment] = leg = [];
            }

            if (packet is not null)
            {
                leg.Add(packet);
            }

            packet = line.Kind == "packet" ? line : null;
            if (packet is null)
            {
                leg.Add(line);
            }
        }

        return legs;
    }

    private static ImmutableArray<(string Where, string What)> Rows(Walk walk, List<TraceLine> lines, RuleList before, RuleList after)
    {
        var rows = ImmutableArray.CreateBuilder<(string Where, string What)>();
        foreach (var line in lines)
        {
            switch (line)
            {
                case { IsOfLab: true, Kind: "packet" }:
                    rows.Add((Place(walk, line), PacketText.Of(line.Text)));
                    break;
                case { IsOfLab: false, Kind: "rule", Returns: false }:
                    rows.Add(RuleRow(line, before, after));
                    break;
                case { IsOfLab: false, Kind: "policy" }:
                    rows.Add((Chain(line), $"policy {line.Text}"));
                    break;
                default: // the same packet at another of netd's hooks, the end of a chain of the lab's, and what not every kernel tells
                    break;
            }
        }

        return rows.ToImmutable();
    }

    private static string Place(Walk walk, TraceLine packet) => packet.Chain switch
    {
        LabTable.Leaves => $"to {PacketText.Interface(packet.Text, "oif") ?? walk.Place}",
        LabTable.Arrives => $"to {walk.Place}",
        _ => $"from {PacketText.Interface(packet.Text, "iif") ?? walk.Place}",
    };

    private static (string Where, string What) RuleRow(TraceLine line, RuleList before, RuleList after)
    {
        var number = before.Number(line.Table, line.Chain, line.Rule);
        var where = number is null ? Chain(line) : string.Create(CultureInfo.InvariantCulture, $"{Chain(line)} {number}");
        var counted = after.Packets(line.Table, line.Chain, line.Rule) - before.Packets(line.Table, line.Chain, line.Rule);
        return (where, counted is null ? line.Rule : string.Create(CultureInfo.InvariantCulture, $"{line.Rule}  (+{counted} {(counted == 1 ? "packet" : "packets")})"));
    }

    // Whose it is goes without saying where it is netd's.
    private static string Chain(TraceLine line) => line.Table == "inet netd" ? line.Chain : $"{line.Table} {line.Chain}";
}
