using Networking.Netlab.Hosts;

namespace Networking.Netlab.Tests;

/// <summary>What a table shows of a failure in one line.</summary>
public sealed class LabHostTests
{
    [Theory]
    [InlineData("one\nmust not be: ping b\nPING b\n2 received\n", "must not be: ping b")]
    [InlineData("not within 20 s: netctl diff\n- link\n", "not within 20 s: netctl diff")]
    [InlineData("MTU inside: 1500, not 1400\n", "MTU inside: 1500, not 1400")]
    [InlineData("\n", "nothing was said")]
    public void The_gist_of_a_failure_is_what_was_checked_else_the_last_line(string text, string gist) =>
        Assert.Equal(gist, LabHost.Gist(text));
}
