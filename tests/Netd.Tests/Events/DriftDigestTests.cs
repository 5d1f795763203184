using Networking.Kernel;
using Networking.Netd.Events;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Events;

public sealed class DriftDigestTests : IDisposable
{
    private static readonly ScopeId s_one = ScopeId.OfParent("one");
    private static readonly ScopeId s_two = ScopeId.OfParent("two");
    private readonly ManualTime _time = new();
    private readonly List<string> _told = [];
    private readonly DriftDigest _digest;

    public DriftDigestTests() => _digest = new DriftDigest((scope, what) => _told.Add($"{scope} {what}"), _time);

    public void Dispose() => _digest.Dispose();

    [Fact]
    public void What_comes_a_few_times_is_told_at_once_and_the_rest_with_a_count_after_a_second()
    {
        _digest.Add(s_one, "a");
        _digest.Add(s_two, "a");
        _digest.Add(s_one, "b");
        for (var i = 0; i < 1000; i++)
        {
            _digest.Add(s_one, "a");
        }

        _digest.Add(s_one, "b");
        Assert.Equal(
            ["parent/one a", "parent/two a", "parent/one b", .. Enumerable.Repeat("parent/one a", DriftDigest.AtOnceMax - 1), "parent/one b"], _told);
        var before = _told.Count;
        _time.Advance(DriftDigest.Pause);
        Assert.Equal($"parent/one a ({1001 - DriftDigest.AtOnceMax} times more within 1 s)", Assert.Single(_told.Skip(before)));

        // Nothing is armed once nothing comes, and what comes is new again.
        Assert.Null(_time.NextDue);
        _digest.Add(s_one, "a");
        Assert.Equal("parent/one a", _told[^1]);
    }

    [Fact]
    public void A_clock_that_is_set_back_keeps_nothing_from_being_told()
    {
        for (var i = 0; i < 10; i++)
        {
            _digest.Add(s_one, "a");
        }

        _time.SetWallClock(TimeSpan.FromHours(-3));
        _time.Advance(DriftDigest.Pause);
        _digest.Add(s_one, "a");

        Assert.Equal(["parent/one a (5 times more within 1 s)", "parent/one a"], _told[^2..]);
    }

    [Fact]
    public void However_long_somebody_breaks_something_it_is_told_a_few_times_a_second_at_most()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _digest.Add(s_one, "a");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(_told.Count, 10, 10 * (DriftDigest.AtOnceMax + 1));
    }

    [Fact]
    public void Findings_that_always_differ_are_bounded_too()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _digest.Add(s_one, $"changed by pid {i}");
        }

        _time.Advance(DriftDigest.Pause);
        Assert.Equal(DriftDigest.ToldMax + 1, _told.Count);
        Assert.Equal($"parent/one changed by pid 9999 (one of {10_000 - DriftDigest.ToldMax} more findings within 1 s)", _told[^1]);
    }
}
