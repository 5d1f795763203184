using System.Diagnostics;
using System.Security.Cryptography;

namespace Networking.Bench;

/// <summary>Our gossip: tests/gossip-node, its shell and nothing else.</summary>
internal sealed class OurNodes(Stage stage, GossipField field) : GossipNodes(stage, field)
{
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly StreamWriter[] _inputs = new StreamWriter[field.Count + 1];
    private readonly string[] _ids = new string[field.Count + 1];
    private readonly int[] _known = new int[field.Count + 1];

    protected override Process Begin(int node)
    {
        var program = Path.Combine(Stage.Root, "artifacts", "bin", "Networking.GossipNode", "release", "gossip-node");
        string[] words = [.. Field.Prefix(node), program, $"{Field.Address(node)}:7946", _key, Path.Combine(Stage.Place, $"gossip{node}"), .. node == 1 ? [] : new[] { $"{Field.Address(1)}:7946" }];
        var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!; // not through a shell
        _inputs[node] = process.StandardInput;
        new Thread(() => Read(node, process.StandardOutput)) { IsBackground = true }.Start();
        return process;
    }

    protected override int KnownBy(int node)
    {
        Say(node, "members");
        return Volatile.Read(ref _known[node]);
    }

    protected override void Tell(int node, string what) => Say(node, $"put {what} x");

    protected override string NameOf(int node) => _ids[node];

    private void Say(int node, string line)
    {
        _inputs[node].Write(line + "\n");
        _inputs[node].Flush();
    }

    private void Read(int node, StreamReader output)
    {
        while (output.ReadLine() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["ready", var id, ..]:
                    _ids[node] = id;
                    break;
                case ["row", _, var key, _]:
                    Notice(node, key);
                    break;
                case ["member", _, var id, "Failed"]:
                    Notice(node, "failed " + id);
                    break;
                case ["members", .. var members]:
                    Volatile.Write(ref _known[node], 1 + members.Count(static m => m.EndsWith("=Alive", StringComparison.Ordinal) || m.EndsWith("=Suspect", StringComparison.Ordinal)));
                    break;
                default:
                    break;
            }
        }
    }
}
