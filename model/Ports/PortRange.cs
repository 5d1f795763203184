using System.Globalization;

namespace Networking.Model;

/// <summary>Consecutive ports, 1 to 65535, both ends included. <c>default</c> means "none".</summary>
public readonly record struct PortRange
{
    /// <summary>Creates a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A port is 0 or above 65535, or the range runs backwards.</exception>
    public PortRange(int first, int last)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        First = first;
        Last = last;
    }

    /// <summary>The first port.</summary>
    public int First { get; }

    /// <summary>The last port.</summary>
    public int Last { get; }

    /// <summary>How many ports.</summary>
    public int Count => First == 0 ? 0 : Last - First + 1;

    /// <summary>True if both have a port in common.</summary>
    public bool Overlaps(PortRange other) => First <= other.Last && other.First <= Last;

    /// <summary>Parses <c>80</c> or <c>8000-8010</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="range">The range on success.</param>
    /// <param name="problem">What is wrong; null on success.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out PortRange range, out string? problem)
    {
        range = default;
        var dash = text.IndexOf('-');
        if (!TryParsePort(dash < 0 ? text : text[..dash], out var first, out problem))
        {
            return false;
        }

        var last = first;
        if (dash >= 0 && !TryParsePort(text[(dash + 1)..], out last, out problem))
        {
            return false;
        }

        if (last < first)
        {
            problem = $"'{text}' runs backwards; did you mean {last}-{first}?";
            return false;
        }

        range = new PortRange(first, last);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port, out string? problem)
    {
        problem = !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) ? $"'{text}' is not a port"
            : port is < 1 or > ushort.MaxValue ? $"'{text}' is not a port: ports are 1 to 65535"
            : null;
        return problem is null;
    }
}
