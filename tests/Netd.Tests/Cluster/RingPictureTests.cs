using System.Net;
using Networking.Gossip.Tables;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Merge;
using Networking.Netd.Cluster;

namespace Networking.Netd.Tests.Cluster;

/// <summary>Who owns what of the cluster's pool, as rows of gossip tell it.</summary>
public sealed class RingPictureTests
{
    private static readonly OwnerId One = new(0xaa);
    private static readonly OwnerId Two = new(0xbb);
    private static readonly IPNetwork Prefix = IPNetwork.Parse("10.128.0.0/24");

    [Fact]
    public void Ranges_are_listed_by_address_with_their_owner_and_what_it_has_free()
    {
        var picture = RingPicture.Empty
            .With("cluster", One, 126) // in whatever order it is heard
            .With(Row(One, new Claim(0, 255, 1, One)), One)
            .With(Row(Two, new Claim(128, 255, 2, Two)), Two)
            .With("unheard of", Two, 5);
        var documents = picture.Documents(Two);
        Assert.Equal(["10.128.0.0 10.128.0.127 128 00000000000000aa False 126", "10.128.0.128 10.128.0.255 128 00000000000000bb True "], documents.Select(static d => $"{d.First} {d.Last} {d.Size} {d.Owner} {d.IsThis} {d.OwnerFree}"));
        Assert.All(documents, static d => Assert.Equal("cluster 10.128.0.0/24", $"{d.Pool} {d.Prefix}"));
    }

    [Fact]
    public void What_is_told_late_or_of_others_or_of_another_range_takes_nothing()
    {
        var picture = RingPicture.Empty.With(Row(One, new Claim(0, 255, 5, One)), One);
        Assert.Same(picture, picture.With(Row(Two) with { Prefix = IPNetwork.Parse("10.129.0.0/24"), Claims = [new Claim(0, 255, 9, Two)] }, Two));
        foreach (var claim in new[] { new Claim(0, 99, 4, Two), new Claim(0, 99, 9, One), new Claim(200, 256, 9, Two) })
        {
            Assert.Equal(One.ToString(), Assert.Single(picture.With(Row(Two, claim), Two).Documents(One)).Owner);
        }
    }

    [Theory]
    [InlineData("ipam-ring", "cluster/0", true)]
    [InlineData("ipam-ring", "cluster", false)]
    [InlineData("ipam-ring", "/0", false)]
    [InlineData("ipam-free", "cluster/0", false)]
    public void A_row_is_known_by_its_key(string table, string key, bool isRead)
    {
        var row = Row(One, new Claim(0, 255, 1, One));
        Assert.Equal(isRead ? row : null, RingPicture.Read(new RowKey(table, key), One, [.. RingRowCodec.Write(row)]));
        Assert.Null(RingPicture.Read(new RowKey(table, key), One, [1, 2, 3]));
    }

    private static RingRow Row(OwnerId owner, params Claim[] claims) => new("cluster", Prefix, owner.IsNone ? 0 : 8, [.. claims]);
}
