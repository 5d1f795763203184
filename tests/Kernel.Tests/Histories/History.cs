using System.Collections.Immutable;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Histories;

/// <summary>A moment of a history: what is asked from now on, what a stranger has done just before, how much time passes after.</summary>
public sealed record Step(string Name, Intent Intent)
{
    public Action<FakeKernel>? Stranger { get; init; }

    public TimeSpan Passes { get; init; }
}

/// <summary>A list of named moments. After each of them the kernel must come to be as asked.</summary>
public sealed record History(string Name, ImmutableArray<Step> Steps)
{
    /// <summary>False if the order of its moments matters, because a namespace does not come back from death.</summary>
    public bool IsExpandable { get; init; } = true;

    /// <summary>True if all is asked at once, without waiting between the moments.</summary>
    public bool IsSquashed { get; init; }

    public bool HasStranger => Steps.Any(static s => s.Stranger is not null);

    public override string ToString() => Name;

    /// <summary>This history and what becomes of it when it is reversed, doubled, interleaved with nothing, squashed.</summary>
    public IEnumerable<History> Expand()
    {
        yield return this;
        yield return this with { Name = $"{Name}, squashed", IsSquashed = true };
        if (IsExpandable)
        {
            yield return this with { Name = $"{Name}, reversed", Steps = [.. Steps.Reverse()] };
            yield return this with { Name = $"{Name}, there and back, squashed", Steps = [.. Steps, .. Steps.Reverse()], IsSquashed = true };
            yield return this with { Name = $"{Name}, doubled", Steps = [.. Steps.SelectMany(static s => (Step[])[s, s])] };
            yield return this with { Name = $"{Name}, with nothing between", Steps = [.. WithNothingBetween] };
            yield return this with { Name = $"{Name}, with nothing between, squashed", Steps = [.. WithNothingBetween], IsSquashed = true };
        }
    }

    private IEnumerable<Step> WithNothingBetween => Steps.SelectMany(static s => (Step[])[s, new Step("nothing", Intent.Empty)]);
}
