using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>One thing that must not be.</summary>
/// <param name="Path">Where.</param>
/// <param name="Line">Which line, from 1.</param>
/// <param name="Why">What is wrong and what to do instead.</param>
public sealed record Finding(string Path, int Line, string Why)
{
    public override string ToString() => $"{Path}:{Line}: {Why}";
}

/// <summary>A rule of style as a pure function over the tree, with the plants that prove that it still bites.</summary>
/// <param name="Name">A sentence that holds when nothing is found.</param>
/// <param name="Check">Finds what breaks it.</param>
public sealed record TidyRule(string Name, Func<SourceTree, IEnumerable<Finding>> Check)
{
    /// <summary>Trees that break the rule, each in another way. Every one must be found.</summary>
    public required IReadOnlyList<SourceTree> Plants { get; init; }

    /// <summary>Trees that look like it and are right. None may be found.</summary>
    public IReadOnlyList<SourceTree> Harmless { get; init; } = [];

    public override string ToString() => Name;
}
