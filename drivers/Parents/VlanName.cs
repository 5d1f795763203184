using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Networking.Drivers;

/// <summary>The name of an 802.1Q interface as Docker writes it, which says what it is: <c>eth0.50</c> is VLAN 50 of eth0.</summary>
/// <param name="Base">The interface below.</param>
/// <param name="VlanId">1–4094; 0 and 4095 are reserved (IEEE 802.1Q, 9.6).</param>
public sealed record VlanName(string Base, int VlanId)
{
    private const int IdMin = 1;
    private const int IdMax = 4094;

    /// <summary>Whether a name may mean a VLAN at all; else it can only mean an interface that is there.</summary>
    public static bool HasId(string link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return link.Contains('.', StringComparison.Ordinal);
    }

    /// <summary>Reads a name with exactly one dot and a VLAN id behind it; else says in a sentence what it is not.</summary>
    public static bool TryParse(string link, [NotNullWhen(true)] out VlanName? name, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(link);
        name = null;
        var parts = link.Split('.');
        if (parts.Length != 2 || parts[0].Length == 0 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            problem = $"'{link}' is not the name of an interface that is there, nor is it NAME.VLAN with one dot and a number";
            return false;
        }

        if (id is < IdMin or > IdMax)
        {
            problem = $"VLAN id {parts[1]} of '{link}' is out of range";
            return false;
        }

        problem = null;
        name = new VlanName(parts[0], id);
        return true;
    }

    /// <summary>Reads the name of an interface that was granted as a VLAN.</summary>
    public static VlanName Of(string link) =>
        TryParse(link, out var name, out var problem) ? name : throw new Model.InvariantException($"parent {link} was granted as a VLAN: {problem}");

    /// <summary>What ids there are, for a hint.</summary>
    public static string Limits => $"write NAME.VLAN with a VLAN id from {IdMin} to {IdMax}, such as eth0.50";
}
