using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Networking.Bench;

/// <summary>Debian's serf agents, as they come: LAN profile, no encryption. A change is a user event.</summary>
internal sealed class SerfNodes(Stage stage, GossipField field) : GossipNodes(stage, field)
{
    public const string Program = "/usr/bin/serf";
    private const int RpcPort = 7373;

    private readonly List<Socket> _streams = [];

    public static PeerIdentity Identity => new("serf", Command.PackageVersion("serf"), "serf agent -profile=lan, 50 of them; serf event; kill -9");

    /// <summary>Follows the events of every agent, once all run.</summary>
    public void Follow()
    {
        for (var i = 1; i <= Field.Count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _streams.Add(socket);
            socket.Connect(new IPEndPoint(IPAddress.Parse(Field.Address(i)), RpcPort));

            // The agent's RPC: maps in MessagePack, a header and a body each.
            socket.Send([.. Map(("Command", "handshake"), ("Seq", 0)), .. Map(("Version", 1))]);
            socket.Send([.. Map(("Command", "stream"), ("Seq", 1)), .. Map(("Type", "user,member-failed"))]);
            var node = i;
            new Thread(() => Read(node, socket)) { IsBackground = true }.Start();
        }
    }

    public override void Dispose()
    {
        _streams.ForEach(static s => s.Dispose());
        base.Dispose();
    }

    protected override Process Begin(int node)
    {
        string[] words =
        [
            .. Field.Prefix(node), Program, "agent", $"-node={NameOf(node)}", $"-bind={Field.Address(node)}:7946", $"-rpc-addr={Field.Address(node)}:{RpcPort}",
            "-profile=lan", "-log-level=err", .. node == 1 ? [] : new[] { $"-retry-join={Field.Address(1)}" },
        ];
        return Command.Stay(words, Path.Combine(Stage.Place, $"serf{node}"));
    }

    protected override int KnownBy(int node)
    {
        try
        {
            return Command.Run(Program, ["members", "-status=alive", $"-rpc-addr={Field.Address(node)}:{RpcPort}"]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        }
        catch (CommandException)
        {
            return 0; // not up yet
        }
    }

    protected override void Tell(int node, string what) => _ = Command.Run(Program, ["event", "-coalesce=false", $"-rpc-addr={Field.Address(node)}:{RpcPort}", what]);

    protected override string NameOf(int node) => $"node-{node:d3}";

    // Names are looked for as text: the events of a benchmark have names that occur nowhere else.
    private void Read(int node, Socket socket)
    {
        var buffer = new byte[65_536];
        var text = string.Empty;
        try
        {
            while (socket.Receive(buffer) is var count and > 0)
            {
                text += Encoding.Latin1.GetString(buffer, 0, count);
                foreach (var word in text.Split('<', '>').Where(static w => w.StartsWith("change-", StringComparison.Ordinal)))
                {
                    Notice(node, $"<{word}>");
                }

                if (text.Contains("member-failed", StringComparison.Ordinal))
                {
                    for (var i = 1; i <= Field.Count; i++)
                    {
                        if (text.Contains(NameOf(i), StringComparison.Ordinal))
                        {
                            Notice(node, "failed " + NameOf(i));
                        }
                    }
                }

                text = text.Length > 4096 ? text[^1024..] : text;
            }
        }
        catch (SocketException)
        {
            // The agent is gone.
        }
    }

    private static byte[] Map(params (string Key, object Value)[] entries)
    {
        var bytes = new List<byte> { (byte)(0x80 | entries.Length) };
        foreach (var (key, value) in entries)
        {
            bytes.AddRange(Text(key));
            bytes.AddRange(value is int number ? [(byte)number] : Text((string)value));
        }

        return [.. bytes];
    }

    private static byte[] Text(string text) => [(byte)(0xa0 | text.Length), .. Encoding.ASCII.GetBytes(text)]; // short ones
}
