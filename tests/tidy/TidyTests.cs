using Networking.Tidy.Tests.Rules;
using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests;

/// <summary>Holds this repository against every rule.</summary>
public sealed class TidyTests
{
    public static TheoryData<string> RuleNames => new(RuleSet.All.Select(static r => r.Name));

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_repository_keeps_the_rule(string rule)
    {
        var findings = RuleSet.Named(rule).Check(SourceTree.Repository).Select(static f => f.ToString()).Distinct(StringComparer.Ordinal).ToList();

        Assert.True(findings.Count == 0, $"{rule}\n  {string.Join("\n  ", findings)}");
    }

    [Fact]
    public void The_repository_is_read_at_all()
    {
        Assert.True(SourceTree.Repository.Files.Count > 50);
        Assert.Contains(SourceTree.Repository.Projects, static p => p.Path == "model/Networking.Model.csproj");
    }

    /// <summary>Fails never: says which files grow, before they are too long.</summary>
    [Fact]
    public void Files_that_grow_long_are_printed()
    {
        foreach (var file in SizeRules.LongFiles(SourceTree.Repository, SizeRules.FileLinesNoted))
        {
            TestContext.Current.AddWarning($"{file.Path}: {SizeRules.LineCount(file)} lines, fails past {SizeRules.FileLinesMax}");
        }
    }
}
