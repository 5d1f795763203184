using System.Globalization;
using System.Net;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>An option that a driver knows.</summary>
/// <param name="Name">Docker's name for it.</param>
/// <param name="Alias">Our short one; null if there is none.</param>
internal sealed record DriverOption(string Name, string? Alias = null)
{
    public string Shown => Alias is null ? Name : $"{Alias} ({Name})";
}

/// <summary>Reads typed values out of options and collects every problem on the way.</summary>
internal sealed class OptionReader
{
    private const string DriverFlag = "-o";

    // What strconv.ParseBool takes, because Docker's options are read by it.
    private static readonly string[] TrueWords = ["1", "t", "T", "TRUE", "true", "True"];
    private static readonly string[] FalseWords = ["0", "f", "F", "FALSE", "false", "False"];

    private readonly IReadOnlyDictionary<string, string> _options;
    private readonly DriverOption[] _known;
    private readonly ICollection<Problem> _problems;
    private readonly string _flag;

    /// <param name="options">As given.</param>
    /// <param name="known">Those there are.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="flag">By which flag of the command line the options are given.</param>
    public OptionReader(IReadOnlyDictionary<string, string> options, DriverOption[] known, ICollection<Problem> problems, string flag = DriverFlag)
    {
        _options = options;
        _known = known;
        _problems = problems;
        _flag = flag;
        RefuseUnknown();
    }

    /// <summary>The value and the name it was given by; null if it was not given.</summary>
    public (string Key, string Value)? Text(DriverOption option)
    {
        var hasName = _options.TryGetValue(option.Name, out var value);
        if (option.Alias is null || !_options.TryGetValue(option.Alias, out var aliased))
        {
            return hasName ? (option.Name, value!) : null; // found, so not null
        }

        if (hasName)
        {
            _problems.Add(new Problem(
                "option.twice",
                $"{_flag} {option.Alias}",
                $"option {option.Alias} is given twice: '{aliased}', and '{value}' as {option.Name}",
                "give it once, by either name"));
        }

        return (option.Alias, aliased);
    }

    /// <summary>A boolean, or the default if it was not given or is none.</summary>
    public bool Flag(DriverOption option, bool byDefault)
    {
        if (Text(option) is not var (key, value))
        {
            return byDefault;
        }

        if (TrueWords.Contains(value, StringComparer.Ordinal))
        {
            return true;
        }

        if (!FalseWords.Contains(value, StringComparer.Ordinal))
        {
            RefuseValue(key, value, "is neither true nor false", "write true or false");
            return byDefault;
        }

        return false;
    }

    /// <summary>A number within limits, or null if it was not given or is none.</summary>
    /// <param name="option">Which.</param>
    /// <param name="least">Smallest value.</param>
    /// <param name="most">Greatest value.</param>
    /// <param name="isZeroUnset">Whether 0 means "as if not given".</param>
    public int? Number(DriverOption option, int least, int most, bool isZeroUnset = false)
    {
        if (Text(option) is not var (key, value))
        {
            return null;
        }

        var limits = $"write a whole number from {least} to {most}{(isZeroUnset ? ", or 0 to leave it unset" : string.Empty)}";
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            RefuseValue(key, value, "is not a number", limits);
            return null;
        }

        if (isZeroUnset && number == 0)
        {
            return null;
        }

        if (number < least || number > most)
        {
            RefuseValue(key, value, "is out of range", limits);
            return null;
        }

        return number;
    }

    /// <summary>One of a few words, or the default if it was not given or is none of them.</summary>
    public T Word<T>(DriverOption option, (string Word, T Value)[] words, T byDefault)
    {
        if (Text(option) is not var (key, value))
        {
            return byDefault;
        }

        foreach (var (word, meaning) in words)
        {
            if (word == value)
            {
                return meaning;
            }
        }

        var nearest = EditDistance.Nearest(value, words.Select(static w => w.Word));
        var list = $"write one of {string.Join(", ", words.Select(static w => w.Word))}";
        RefuseValue(key, value, "is not known", nearest is null ? list : $"did you mean {nearest}? {list}");
        return byDefault;
    }

    /// <summary>An address of a family, or null if it was not given, is empty or is none.</summary>
    public IPAddress? Address(DriverOption option, bool isIpv6)
    {
        if (Text(option) is not var (key, value) || value.Length == 0)
        {
            return null;
        }

        if (!Prefix.TryParseAddress(value, out var address, out _) || Prefix.BitsOf(address) != (isIpv6 ? 128 : 32))
        {
            RefuseValue(key, value, $"is not an {SubnetRules.FamilyOf(isIpv6)} address", $"write it as {(isIpv6 ? "2001:db8::1" : "192.0.2.1")}");
            return null;
        }

        return address;
    }

    /// <summary>Adds the problem of a value that no one can use.</summary>
    public void RefuseValue(string key, string value, string what, string hint) =>
        _problems.Add(new Problem("option.value", $"{_flag} {key}", $"option {key}: '{value}' {what}", hint));

    /// <summary>Docker's name of an option given by our short one, or the reverse; null if there is no other.</summary>
    public static string? OtherNameOf(string option, IEnumerable<DriverOption> known) => known
        .Where(o => o.Alias is not null && (o.Name == option || o.Alias == option))
        .Select(o => o.Name == option ? o.Alias : o.Name)
        .FirstOrDefault();

    public static string FieldOf(string key) => $"{DriverFlag} {key}";

    private void RefuseUnknown()
    {
        var names = _known.SelectMany(static o => o.Alias is null ? [o.Name] : new[] { o.Alias, o.Name }).ToArray();
        foreach (var key in _options.Keys.Order(StringComparer.Ordinal))
        {
            if (names.Contains(key, StringComparer.Ordinal))
            {
                continue;
            }

            // The long names share most of their letters: only the last part tells them apart.
            var nearest = EditDistance.Nearest(LastPart(key), names.Select(LastPart).Distinct(StringComparer.Ordinal));
            var meant = nearest is null ? null : names.First(n => LastPart(n) == nearest);
            var list = $"known options: {string.Join(", ", _known.Select(static o => o.Shown))}";
            _problems.Add(new Problem(
                "option.unknown",
                $"{_flag} {key}",
                $"option {key} is not known{(_flag == DriverFlag ? " to this driver" : string.Empty)}",
                meant is null ? list : $"did you mean {meant}? {list}"));
        }
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..].ToLowerInvariant();
}
