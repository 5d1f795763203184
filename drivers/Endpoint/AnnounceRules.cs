namespace Networking.Drivers;

/// <summary>The options that say how addresses are announced, of an endpoint or of a network for all of its endpoints.</summary>
internal static class AnnounceRules
{
    private static readonly DriverOption Messages = new("com.docker.network.advertise_addr_nmsgs");
    private static readonly DriverOption Interval = new("com.docker.network.advertise_addr_ms");

    /// <summary>Both of them.</summary>
    public static DriverOption[] Options => [Messages, Interval];

    /// <summary>What was asked.</summary>
    public static AnnounceWish Read(OptionReader reader) => new(reader.Number(Messages, 0, 3), reader.Number(Interval, 100, 2000));
}
