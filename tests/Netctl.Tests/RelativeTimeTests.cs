using Networking.Netctl.Output;
using Networking.Netctl.Tests.Infrastructure;

namespace Networking.Netctl.Tests;

/// <summary>Times as people say them.</summary>
public sealed class RelativeTimeTests
{
    [Theory]
    [InlineData("0:0:0.4", "now")]
    [InlineData("0:0:1", "1 second ago")]
    [InlineData("0:0:59", "59 seconds ago")]
    [InlineData("0:1:0", "1 minute ago")]
    [InlineData("0:2:59", "2 minutes ago")]
    [InlineData("0:59:59", "59 minutes ago")]
    [InlineData("1:0:0", "1 hour ago")]
    [InlineData("23:59:59", "23 hours ago")]
    [InlineData("1.0:0:0", "1 day ago")]
    [InlineData("13.23:0:0", "13 days ago")]
    [InlineData("14.0:0:0", "2 weeks ago")]
    [InlineData("60.0:0:0", "8 weeks ago")]
    [InlineData("61.0:0:0", "2 months ago")]
    [InlineData("729.0:0:0", "23 months ago")]
    [InlineData("730.12:0:0", "2 years ago")]
    [InlineData("-0:0:4", "now")]
    [InlineData("-0:0:30", "in 30 seconds")]
    public void A_time_is_told_in_its_largest_unit(string age, string expected) =>
        Assert.Equal(expected, RelativeTime.Of(Run.Now - TimeSpan.Parse(age), Run.Now));
}
