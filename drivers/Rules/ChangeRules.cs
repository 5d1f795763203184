using Networking.Model;

namespace Networking.Drivers;

/// <summary>How a change of a network is told that cannot be done, or only for what comes later.</summary>
internal static class ChangeRules
{
    public static void Fixed<T>(string field, string what, T before, T after, ICollection<Problem> problems)
    {
        if (!EqualityComparer<T>.Default.Equals(before, after))
        {
            problems.Add(new Problem(
                "change.fixed",
                field,
                $"the {what} of a network cannot be changed: it is {before?.ToString() ?? "chosen by netd"}, and {after?.ToString() ?? "none"} is asked for",
                "create another network, and connect its endpoints there"));
        }
    }

    public static void Later(bool isChanged, string what, ICollection<string> warnings)
    {
        if (isChanged)
        {
            warnings.Add($"{what} holds for endpoints and ports from now on; those that are there keep theirs until they are connected again");
        }
    }
}
