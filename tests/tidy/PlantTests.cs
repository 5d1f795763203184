using Networking.Tidy.Tests.Rules;

namespace Networking.Tidy.Tests;

/// <summary>Proves that the rules bite: each must find every violation planted for it, and nothing in what is right.</summary>
public sealed class PlantTests
{
    public static TheoryData<string, int> Plants => Numbered(static r => r.Plants.Count);

    public static TheoryData<string, int> Harmless => Numbered(static r => r.Harmless.Count);

    [Theory]
    [MemberData(nameof(Plants))]
    public void A_rule_finds_what_is_planted(string rule, int plant)
    {
        var subject = RuleSet.Named(rule);

        var findings = subject.Check(subject.Plants[plant]).ToList();

        Assert.NotEmpty(findings);
        Assert.All(findings, static f => Assert.True(f.Line > 0 && f.Why.Length > 5 && f.Path.Length > 0));
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void A_rule_leaves_the_right_alone(string rule, int tree)
    {
        var subject = RuleSet.Named(rule);

        Assert.Empty(subject.Check(subject.Harmless[tree]));
    }

    [Fact]
    public void Every_rule_has_a_plant() =>
        Assert.All(RuleSet.All, static r => Assert.NotEmpty(r.Plants));

    private static TheoryData<string, int> Numbered(Func<TidyRule, int> count)
    {
        var data = new TheoryData<string, int>();
        foreach (var rule in RuleSet.All)
        {
            for (var i = 0; i < count(rule); i++)
            {
                data.Add(rule.Name, i);
            }
        }

        return data;
    }
}
