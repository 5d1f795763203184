using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>Options of address management, out of Docker's names for them (FACTS 1.3).</summary>
/// <param name="IsSerial">The lowest free address each time, not the next after the last.</param>
public sealed record IpamOptions(bool IsSerial)
{
    private const string Flag = "--ipam-opt";
    private static readonly DriverOption Serial = new("com.docker.network.ipam.serial", "serial");

    /// <summary>Reads options and collects every problem.</summary>
    public static IpamOptions Parse(ImmutableSortedDictionary<string, string> options, ICollection<Problem> problems)
    {
        var reader = new OptionReader(options, [Serial], problems, Flag);
        return new IpamOptions(reader.Flag(Serial, byDefault: false));
    }

    /// <summary>The options of a network that was judged before.</summary>
    public static IpamOptions Of(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Parse(spec.IpamOptions, []);
    }
}
