using Networking.Model;

namespace Networking.Netlink.Tests;

/// <summary>Answers and frames, byte by byte.</summary>
public sealed class AckTests
{
    [Fact]
    public void A_refusal_carries_text_and_offset()
    {
        var writer = new NetlinkWriter(new byte[256]);
        var message = writer.BeginMessage(2, NetlinkFlags.Capped | NetlinkFlags.AckAttributes, 1);
        writer.PutHeader(-95);
        writer.PutHeader((1L, 2L)); // the request's header
        writer.PutString(1, "Unknown device type");
        writer.PutUInt32(2, 48);
        writer.EndMessage(message);
        var ack = NetlinkSocket.ReadAck(writer.Written);
        Assert.Equal(new NetlinkAck(95, "Unknown device type", 48), ack);
        Assert.Equal("cannot create x: Unknown device type (EOPNOTSUPP)", ack.ToError("create x").ToString());
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(105, true)]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(19, false)]
    public void Only_what_may_pass_later_is_transient(int errno, bool expected) =>
        Assert.Equal(expected, new NetlinkAck(errno, null, -1).ToError("x").IsTransient);

    [Fact]
    public void An_arp_announcement_has_the_address_as_sender_and_target()
    {
        var frame = new byte[AnnouncementFrames.ArpBytes];
        AnnouncementFrames.WriteArp(frame, new MacAddress(0x02420a140002), System.Net.IPAddress.Parse("10.20.0.2"));
        Assert.Equal(
            "FFFFFFFFFFFF" + "02420A140002" + "0806" + "0001" + "0800" + "06" + "04" + "0001"
            + "02420A140002" + "0A140002" + "000000000000" + "0A140002",
            Convert.ToHexString(frame));
    }

    [Theory]
    [InlineData("net/ipv4/ip_forward", true)]
    [InlineData("net/ipv4/conf/eth0.7/forwarding", true)]
    [InlineData("kernel/hostname", false)]
    [InlineData("net/../kernel/hostname", false)]
    [InlineData("net//ipv4", false)]
    [InlineData("/net/ipv4", false)]
    public void Only_paths_of_the_network_may_be_written(string path, bool allowed) =>
        Assert.Equal(allowed, SysctlFiles.WhyNotAllowed(path) is null);
}
