using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>The MTU option, which every driver with devices has, by Docker's name and by our short one.</summary>
internal static class MtuRules
{
    private const int BytesMin = 68; // RFC 791: every module must forward 68 octets
    private const int BytesMax = 65535;

    public static DriverOption Option { get; } = new("com.docker.network.driver.mtu", "mtu");

    /// <summary>The MTU in bytes; null if it was left unset, or is none.</summary>
    public static int? Read(OptionReader reader) => reader.Number(Option, BytesMin, BytesMax, isZeroUnset: true);

    /// <summary>Whether the families of a network can have its MTU.</summary>
    public static void Check(NetworkSpec spec, int? mtuBytes, ICollection<Problem> problems)
    {
        if (spec.Ipv6 && mtuBytes < LinkState.Ipv6MtuMin)
        {
            var key = KeyOf(spec.Options);
            problems.Add(new Problem(
                "option.value",
                OptionReader.FieldOf(key),
                $"option {key}: '{mtuBytes}' is too small for IPv6, which is on for this network",
                $"IPv6 needs {LinkState.Ipv6MtuMin} or more"));
        }
    }

    /// <summary>Whether a device of the host that the network stands on can carry its MTU.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="mtuBytes">Its MTU.</param>
    /// <param name="below">The device.</param>
    /// <param name="what">What the device is to the network.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static void CheckBelow(NetworkSpec spec, int? mtuBytes, HostLink below, string what, ICollection<Problem> problems)
    {
        if (mtuBytes > below.MtuBytes)
        {
            var key = KeyOf(spec.Options);
            problems.Add(new Problem(
                "option.value",
                OptionReader.FieldOf(key),
                $"option {key}: '{mtuBytes}' is more than the {below.MtuBytes} of {what} {below.Name}",
                $"leave it out, or raise that of {below.Name} first"));
        }
    }

    /// <summary>The name under which the MTU was given, for a problem that only the whole network shows.</summary>
    public static string KeyOf(IReadOnlyDictionary<string, string> options) =>
        options.ContainsKey(Option.Alias!) ? Option.Alias! : Option.Name; // declared with an alias above
}
