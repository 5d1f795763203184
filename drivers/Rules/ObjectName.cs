namespace Networking.Drivers;

/// <summary>Names that people give to networks and endpoints.</summary>
internal static class ObjectName
{
    public const int BytesMax = 128;

    public const string Rule = "1 to 128 of a-z A-Z 0-9 _ . -, the first one a letter or digit";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= BytesMax
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
