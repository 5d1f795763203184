using Networking.Model;

namespace Networking.Drivers;

/// <summary>Names that people give to networks and endpoints.</summary>
public static class ObjectName
{
    /// <summary>Longest name.</summary>
    public const int BytesMax = 128;

    /// <summary>The rule in words.</summary>
    public const string Rule = "1 to 128 of a-z A-Z 0-9 _ . -, the first one a letter or digit";

    /// <summary>Whether a name follows the rule.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= BytesMax
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>Adds what is wrong with the name of a <paramref name="kind"/> of thing.</summary>
    public static void Check(string name, string kind, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(problems);
        if (!IsValid(name))
        {
            problems.Add(new Problem("name.invalid", "NAME", $"'{name}' cannot be the name of a {kind}", $"use {Rule}"));
        }
    }
}
