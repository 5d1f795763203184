using System.Collections.Immutable;
using System.Globalization;

namespace Networking.Bench;

/// <summary>What was asked on the command line.</summary>
internal sealed record BenchOptions
{
    public static ImmutableArray<string> Known { get; } = ["attach", "publish", "scale", "bridge", "dns", "gossip", "ipam", "memory"];

    public ImmutableArray<string> Names { get; init; } = Known;

    public bool IsJson { get; init; }

    /// <summary>Rounds of the attach and scale benchmarks.</summary>
    public int Rounds { get; init; } = 20;

    /// <summary>Endpoints of the scale and memory benchmarks.</summary>
    public int Endpoints { get; init; } = 5000;

    /// <summary>Seconds of one throughput sample.</summary>
    public int Seconds { get; init; } = 3;

    /// <summary>Seconds of the gossip benchmark in which packets are lost.</summary>
    public int LossSeconds { get; init; } = 600;

    /// <summary>Another build of netd to measure beside this one; null for none.</summary>
    public string? Against { get; init; }

    /// <summary>False: only what is ours, and bare netlink.</summary>
    public bool HasPeers { get; init; } = true;

    public static string Usage =>
        $"bench [{string.Join('|', Known)}|all]... [--json] [--rounds N] [--endpoints N] [--seconds N] [--loss-seconds N] [--no-peers] [--against NETD]";

    /// <summary>Reads the arguments; null if they are wrong, with the reason.</summary>
    public static BenchOptions? Read(IReadOnlyList<string> arguments, out string? problem)
    {
        var options = new BenchOptions();
        var names = new List<string>();
        problem = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var next = i + 1 < arguments.Count
                && int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 0;
            switch (argument)
            {
                case "--json":
                    options = options with { IsJson = true };
                    break;
                case "--no-peers":
                    options = options with { HasPeers = false };
                    break;
                case "--against" when i + 1 < arguments.Count:
                    options = options with { Against = arguments[++i] };
                    break;
                case "--rounds" or "--endpoints" or "--seconds" or "--loss-seconds" when next > 0:
                    options = argument switch
                    {
                        "--rounds" => options with { Rounds = next },
                        "--endpoints" => options with { Endpoints = next },
                        "--loss-seconds" => options with { LossSeconds = next },
                        _ => options with { Seconds = next },
                    };
                    i++;
                    break;
                case "all":
                    names.AddRange(Known);
                    break;
                case var name when Known.Contains(name):
                    names.Add(name);
                    break;
                default:
                    problem = $"unknown benchmark or option '{argument}'";
                    return null;
            }
        }

        return names.Count > 0 ? options with { Names = [.. names.Distinct()] } : options;
    }
}
