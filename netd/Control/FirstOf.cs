namespace Networking.Netd.Control;

/// <summary>Lists in messages: the first ones, and how many are left. A request may meet many problems, each with such a list.</summary>
internal static class FirstOf
{
    private const int NamedMax = 8;

    public static string Text<T>(IEnumerable<T> all, int count) =>
        $"{string.Join(", ", all.Take(NamedMax))}{(count > NamedMax ? $" and {count - NamedMax} more" : string.Empty)}";
}
