using System.Globalization;
using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>A cluster and its members for people.</summary>
internal static class ClusterText
{
    /// <summary>A member a line.</summary>
    public static string Of(IEnumerable<NodeDocument> nodes, Style style)
    {
        var table = new Table(new("NODE ID"), new("STATUS"), new("ADDRESS"), new("INCARNATION", IsNumber: true), new("THIS"));
        foreach (var node in nodes)
        {
            table.Add(node.Id, Status(node.Status), node.Address, node.Incarnation.ToString(CultureInfo.InvariantCulture), node.IsThis ? "*" : string.Empty);
        }

        return table.Render(style);
    }

    /// <summary>This host's place, then what is wrong.</summary>
    public static string Of(ClusterDocument cluster, Style style)
    {
        var members = cluster.Members;
        var isOn = cluster.State == "on";
        var lines = new KeyValues()
            .Add("State", new Cell(cluster.State, cluster.State switch { "on" => Ink.Good, "failed" => Ink.Bad, _ => Ink.Plain }))
            .Add("Reason", CellOf(cluster.Reason))
            .Add("Node", CellOf(cluster.NodeId))
            .Add("Address", CellOf(cluster.Address))
            .Add("Listens at", CellOf(cluster.Listen))
            .Add("Members", CellOf(isOn ? $"{members.Alive} alive, {members.Suspect} suspect, {members.Failed} failed, {members.Left} left" : null))
            .Add("Told to join", CellOf(cluster.Seeds.IsEmpty ? null : string.Join(", ", cluster.Seeds)))
            .Add("Health", isOn ? cluster.Health == 0 ? new Cell("well", Ink.Good) : new Cell($"hears little: judges {cluster.Health + 1} times slower", Ink.Caution) : null)
            .Add("Keys", CellOf(cluster.Keys.IsEmpty ? null : string.Join(", ", cluster.Keys.Select(static k => k.IsSealing ? $"{k.Tag} (seals)" : k.Tag))))
            .Render(style);
        return lines + string.Concat(cluster.Troubles.Select(t => Ink.Caution.Paint(Printable.Line($"{t.Kind}, {t.Count} times{(t.Last is null ? string.Empty : $": {t.Last}")}"), style.HasColour) + "\n"));
    }

    /// <summary>A key a line.</summary>
    public static string Of(IEnumerable<ClusterKeyDocument> keys, bool withSecrets, Style style)
    {
        var table = withSecrets ? new Table(new("TAG"), new("SEALS"), new("KEY")) : new Table(new("TAG"), new("SEALS"));
        foreach (var key in keys)
        {
            var seals = key.IsSealing ? "yes" : "no";
            if (withSecrets)
            {
                table.Add(key.Tag, seals, key.Secret ?? string.Empty);
            }
            else
            {
                table.Add(key.Tag, seals);
            }
        }

        return table.Render(style);
    }

    /// <summary>What a request did.</summary>
    public static string Lines(ClusterDocument cluster) => string.Concat(cluster.Lines.Select(static line => Printable.Line(line) + "\n"));

    private static Cell? CellOf(string? text) => text is null ? null : new Cell(text);

    private static Cell Status(string status) => new(status, status switch { "alive" => Ink.Good, "suspect" => Ink.Caution, "failed" => Ink.Bad, _ => Ink.Plain });
}
