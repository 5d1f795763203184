using System.Globalization;

namespace Networking.Netd.Control;

/// <summary>Lists in messages: the first ones, and how many are left. A request may meet many problems, each with such a list.</summary>
internal static class FirstOf
{
    private const int NamedMax = 8;

    /// <param name="all">What there is.</param>
    /// <param name="count">How many that are.</param>
    /// <param name="named">How many of them are named at most.</param>
    public static string Text<T>(IEnumerable<T> all, int count, int named = NamedMax) =>
        string.Concat(string.Join(", ", all.Take(named)), count > named ? string.Create(CultureInfo.InvariantCulture, $" and {count - named} more") : string.Empty);
}
