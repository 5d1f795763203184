using Networking.Model;

namespace Networking.Store.Tests;

/// <summary>What the node that keeps the cluster's pool must not forget.</summary>
public sealed class RingFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netd-ring-").FullName;

    private static RingRecord Record => new() { Generation = 3, Renewal = 9, Run = ulong.MaxValue, NextRun = 5, Register = new byte[] { 1, 2, 255 } };

    [Fact]
    public void What_was_written_is_read_and_only_its_owner_may_read_it()
    {
        var file = new RingFile(_folder);
        Assert.Null(file.Read());
        file.Write(Record);
        Assert.Equal(Record, file.Read());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
        file.Write(Record with { Renewal = 10 });
        Assert.Equal(Record with { Renewal = 10 }, file.Read());
        Assert.NotEqual(Record, file.Read());
        Assert.Equal([file.Path], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"format\":2}")]
    [InlineData("{\"format\":1,\"register\":\"?\"}")]
    public void A_damaged_or_later_file_is_named_and_left_as_it_is(string text)
    {
        var file = new RingFile(_folder);
        File.WriteAllText(file.Path, text);
        Assert.Contains(file.Path, Assert.Throws<StoreException>(file.Read).Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(file.Path));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
