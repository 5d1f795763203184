namespace Networking.Netctl.Output;

/// <summary>How to draw, so that drawing is pure.</summary>
/// <param name="HasColour">True to colour.</param>
/// <param name="Width">Columns of the terminal; null for no limit.</param>
/// <param name="Now">What relative times are relative to.</param>
/// <param name="Zone">The zone of absolute times.</param>
internal sealed record Style(bool HasColour, int? Width, DateTimeOffset Now, TimeZoneInfo Zone)
{
    /// <summary>An absolute time, as people read it.</summary>
    public string Time(DateTimeOffset time) =>
        TimeZoneInfo.ConvertTime(time, Zone).ToString("yyyy-MM-dd HH:mm:ss");

    /// <summary>How long ago a time was.</summary>
    public string Ago(DateTimeOffset time) => RelativeTime.Of(time, Now);
}
