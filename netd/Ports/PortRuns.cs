using System.Collections.Immutable;
using System.Globalization;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>Numbers of ports as ranges.</summary>
internal static class PortRuns
{
    private const int ToldMax = 8;

    /// <summary>Ascending numbers, those that follow each other in one range.</summary>
    public static ImmutableArray<PortRange> Of(IEnumerable<int> ascending)
    {
        var runs = ImmutableArray.CreateBuilder<PortRange>();
        foreach (var number in ascending)
        {
            if (runs.Count > 0 && runs[^1].Last == number - 1)
            {
                runs[^1] = new PortRange(runs[^1].First, number);
            }
            else
            {
                runs.Add(new PortRange(number, number));
            }
        }

        return runs.ToImmutable();
    }

    /// <summary>For people: the first few, and how many more there are.</summary>
    public static string Text(ImmutableArray<PortRange> runs) => string.Concat(
        string.Join(", ", runs.Take(ToldMax)), runs.Length > ToldMax ? string.Create(CultureInfo.InvariantCulture, $" and {runs.Length - ToldMax} more") : string.Empty);
}
