using System.Globalization;

namespace Networking.Kernel;

/// <summary>
/// Values below /proc/sys as the kernel takes them: numbers by C's rules, in any number of words. It shows them in its own way, so
/// what was written as <c>01</c> or <c>0x1</c> reads <c>1</c>, and blanks between words become tabs.
/// </summary>
internal static class SysctlValue
{
    /// <summary>Whether two texts are one value.</summary>
    public static bool IsSame(string one, string other) =>
        one == other || Words(one).SequenceEqual(Words(other), StringComparer.Ordinal);

    private static IEnumerable<string> Words(string value) =>
        value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static w => NumberOf(w)?.ToString(CultureInfo.InvariantCulture) ?? w);

    private static Int128? NumberOf(ReadOnlySpan<char> word)
    {
        var isNegative = word.StartsWith('-');
        return MagnitudeOf(isNegative ? word[1..] : word) is { } magnitude ? isNegative ? -(Int128)magnitude : magnitude : null;
    }

    // As strtoul with base 0 does.
    private static ulong? MagnitudeOf(ReadOnlySpan<char> digits) =>
        digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null
            : digits.StartsWith('0') ? OctalOf(digits)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ulong? OctalOf(ReadOnlySpan<char> digits)
    {
        ulong value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || value > ulong.MaxValue >> 3)
            {
                return null;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }
}
