using System.Globalization;

namespace Networking.Netlink;

/// <summary>Reads numbers in the one spelling that is also printed, so that a key has one text.</summary>
internal static class FirewallNumberText
{
    public static bool TryReadDecimal(ReadOnlySpan<char> text, uint maximum, out uint value)
    {
        value = 0;
        return text.Length is > 0 and <= 10 && (text.Length == 1 || text[0] != '0')
            && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= maximum;
    }

    public static bool TryReadHexadecimal(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
