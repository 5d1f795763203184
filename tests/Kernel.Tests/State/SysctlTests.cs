using Networking.Model;

namespace Networking.Kernel.Tests.State;

/// <summary>A value below /proc/sys is what the kernel takes it for, however it is written.</summary>
public sealed class SysctlTests
{
    [Theory]
    [InlineData("1", "1", true)]
    [InlineData("01", "1", true)]
    [InlineData("0x1F", "31", true)]
    [InlineData("010", "8", true)]
    [InlineData("010", "10", false)]
    [InlineData("-1", "-1", true)]
    [InlineData("-01", "-1", true)]
    [InlineData("-1", "1", false)]
    [InlineData("0", "-0", true)]
    [InlineData("2", "1", false)]
    [InlineData("18446744073709551615", "18446744073709551615", true)]
    [InlineData("02000000000000000000000", "0", false)] // more than the kernel has room for
    [InlineData(" 4096  131072 6291456", "4096\t131072\t6291456", true)]
    [InlineData("4096 131072", "4096\t131072\t6291456", false)]
    [InlineData("fq_codel", "fq_codel", true)]
    [InlineData("fq codel", "fq\tcodel", true)]
    [InlineData("FQ", "fq", false)]
    [InlineData("09", "9", false)]
    [InlineData("0x", "0", false)]
    [InlineData("", "0", false)]
    [InlineData("-", "0", false)]
    public void Values_differ_if_the_kernel_takes_them_for_others(string wanted, string shown, bool isSame)
    {
        var difference = Value(wanted).CompareTo(Value(shown));

        Assert.Equal(isSame ? DifferenceKind.None : DifferenceKind.Changeable, difference.Kind);
    }

    private static SysctlState Value(string value) => new() { Namespace = NetNs.Host, Path = "net/ipv4/conf/eth0/rp_filter", Value = value };
}
