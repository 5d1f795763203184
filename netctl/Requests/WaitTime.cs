using System.Globalization;

namespace Networking.Netctl.Requests;

/// <summary>A time to wait as typed: <c>30</c>, <c>30s</c> or <c>2m</c>; 1 to 300 seconds, as the API takes it.</summary>
internal static class WaitTime
{
    private const int SecondsMin = 1;
    private const int SecondsMax = 300;

    public static TimeSpan? Parse(string? text, ICollection<string> problems)
    {
        if (text is null)
        {
            return null;
        }

        var (digits, unit) = text switch
        {
            [.. var rest, 's'] => (rest, 1),
            [.. var rest, 'm'] => (rest, 60),
            _ => (text, 1),
        };
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) &&
            (long)count * unit is >= SecondsMin and <= SecondsMax and var seconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        problems.Add($"--timeout {text}: write {SecondsMin} to {SecondsMax} seconds, as in 30, 30s or 2m.");
        return null;
    }
}
