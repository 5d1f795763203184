namespace Networking.Tidy.Tests.Rules;

/// <summary>Every rule.</summary>
internal static class RuleSet
{
    public static IReadOnlyList<TidyRule> All { get; } =
    [
        .. ArchitectureRules.All, .. TextRules.All, .. SizeRules.All, .. PackageRules.All, .. DocumentRules.All, .. ScriptRules.All,
    ];

    public static TidyRule Named(string name) => All.Single(r => r.Name == name);
}
