using Networking.Model;

namespace Networking.Store.Tests;

/// <summary>What a node must not forget of its cluster.</summary>
public sealed class ClusterFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netd-cluster-").FullName;

    private static ClusterRecord Record => new()
    {
        NodeId = "00000000000000aa",
        Incarnation = 7,
        IsMember = true,
        Advertise = "192.0.2.1:7946",
        Seeds = ["192.0.2.2:7946"],
        Keys = [Secret.Of([1, 2, 3]), Secret.Of([4, 5, 6])],
        SealingKey = 1,
    };

    [Fact]
    public void What_was_written_is_read_and_only_its_owner_may_read_it()
    {
        var file = new ClusterFile(_folder);
        Assert.Null(file.Read());
        file.Write(Record);
        Assert.Equal(Record, file.Read());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
        file.Write(Record with { Incarnation = 8, Keys = [] });
        Assert.Equal(8u, file.Read()!.Incarnation); // it was written above
        Assert.Equal([file.Path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Nobody_reads_a_key_by_accident()
    {
        Assert.DoesNotContain("AQID", Record.ToString(), StringComparison.Ordinal);
        Assert.Equal("(secret)", Secret.Of([1, 2, 3]).ToString());
        Assert.Equal("AQID", Secret.Of([1, 2, 3]).Reveal());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"format\":1}")]
    [InlineData("{\"format\":1,\"nodeId\":\"00000000000000aa\",\"keys\":[\"?\"]}")]
    public void A_damaged_file_is_named_and_left_as_it_is(string text)
    {
        var file = new ClusterFile(_folder);
        File.WriteAllText(file.Path, text);
        var refused = Assert.Throws<StoreException>(file.Read);
        Assert.Contains(file.Path, refused.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(file.Path));
    }

    [Fact]
    public void A_file_of_a_later_netd_is_refused_with_both_formats()
    {
        var file = new ClusterFile(_folder);
        File.WriteAllText(file.Path, "{\"format\":2,\"nodeId\":\"00000000000000aa\"}");
        Assert.Contains("format 2, this netd reads 1", Assert.Throws<StoreException>(file.Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_one()
    {
        var file = new ClusterFile(_folder);
        file.Write(Record);
        _ = Directory.CreateDirectory(file.Path + ".new"); // in the way of the new one
        _ = Assert.ThrowsAny<IOException>(() => file.Write(Record with { Incarnation = 9 }));
        Assert.Equal(Record, file.Read());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
