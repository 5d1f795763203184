namespace Networking.Netctl.Output;

/// <summary>Times as people say them: "2 minutes ago".</summary>
internal static class RelativeTime
{
    // Clocks of two machines differ a little; that is not the future.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    public static string Of(DateTimeOffset time, DateTimeOffset now)
    {
        var age = now - time;
        if (age.Duration() < TimeSpan.FromSeconds(1) || (age < TimeSpan.Zero && -age < Skew))
        {
            return "now";
        }

        return age < TimeSpan.Zero ? $"in {Span(-age)}" : $"{Span(age)} ago";
    }

    /// <summary>The largest unit that fits at least once; weeks and months only where smaller numbers would be large.</summary>
    private static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => Count(span.TotalSeconds, "second"),
        { TotalHours: < 1 } => Count(span.TotalMinutes, "minute"),
        { TotalDays: < 1 } => Count(span.TotalHours, "hour"),
        { TotalDays: < 14 } => Count(span.TotalDays, "day"),
        { TotalDays: < 61 } => Count(span.TotalDays / 7, "week"),
        { TotalDays: < 730 } => Count(span.TotalDays / 30.44, "month"),
        _ => Count(span.TotalDays / 365.25, "year"),
    };

    private static string Count(double value, string unit)
    {
        var whole = (long)value;
        return whole == 1 ? $"1 {unit}" : $"{whole} {unit}s";
    }
}
