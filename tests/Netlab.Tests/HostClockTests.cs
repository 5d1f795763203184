using Networking.Netlab.Running;

namespace Networking.Netlab.Tests;

/// <summary>A host's clock is read by a question that may take its time.</summary>
public sealed class HostClockTests
{
    private static readonly DateTimeOffset s_asked = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(40, 0)]
    [InlineData(41, 1)]
    [InlineData(775, 735)]
    [InlineData(-7, -7)]
    public void It_is_off_by_what_lies_outside_of_question_and_answer(int told, int off) =>
        Assert.Equal(TimeSpan.FromSeconds(off), HostClock.Off(s_asked, s_asked.AddSeconds(told), s_asked.AddSeconds(40)));
}
