using System.Collections.Immutable;
using System.Text;

namespace Networking.Netlab.Walks;

/// <summary>
/// The lab's own table beside netd's: it marks a packet before anybody else sees it, and its chains at the end show what
/// became of the addresses. It judges nothing.
/// </summary>
internal static class LabTable
{
    public const string Name = "lab_walk";

    /// <summary>The chain that a packet is last seen in when it leaves.</summary>
    public const string Leaves = "leaves";

    /// <summary>The chain that a packet is last seen in when a process here gets it.</summary>
    public const string Arrives = "arrives";

    /// <summary>Leg of a packet by which the lab knows that tracing works (guest/walk.sh); it ends in the mark.</summary>
    public const string Ready = "ready";

    private const int BeforeAll = -400; // connection tracking begins at -200, and raw rules stand at -300
    private const int AfterAll = 300;

    /// <summary>The table for nft, as text.</summary>
    public static string Text(ImmutableArray<Mark> marks)
    {
        var text = new StringBuilder();
        void Chain(string name, string hook, int priority, IEnumerable<string> rules) =>
            text.AppendLine($"chain {name} {{ type filter hook {hook} priority {priority};").AppendJoin('\n', rules).AppendLine("\n}");
        IEnumerable<string> Marks(string hook) => marks
            .Where(m => m.Hook == hook)
            .Select(static m => $"{m.Match} limit rate 1/day burst 1 packets meta nftrace set 1 comment \"{m.Leg}\"");

        _ = text.AppendLine($"table inet {Name} {{");
        Chain("prerouting", "prerouting", BeforeAll, Marks("prerouting"));
        Chain("output", "output", BeforeAll, Marks("output").Append($"ip daddr 127.0.0.1 udp dport 4-5 meta nftrace set 1 drop comment \"{Ready}\""));
        Chain(Leaves, "postrouting", AfterAll, []);
        Chain(Arrives, "input", AfterAll, []);
        return text.AppendLine("}").ToString();
    }
}
