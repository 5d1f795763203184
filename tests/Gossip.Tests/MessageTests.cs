using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tests;

/// <summary>The bytes of each message, as other builds will read them.</summary>
public sealed class MessageTests
{
    [Fact]
    public void Messages_have_the_bytes_they_always_had()
    {
        var text = new StringBuilder();
        foreach (var (name, message) in Sample.Messages)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{name}: {Convert.ToHexStringLower(Sample.Bytes(message))}\n");
        }

        var path = Path.Combine(Path.GetDirectoryName(Here())!, "goldens", "messages.txt"); // a source file has a folder
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text.ToString());
        }

        Assert.Equal(File.ReadAllText(path), text.ToString());
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        foreach (var (name, message) in Sample.Messages)
        {
            var messages = new List<Message>();
            Assert.True(MessageReader.TryRead(Sample.Bytes(message), messages), name);
            Assert.Equal(Sample.Bytes(message), Sample.Bytes(Assert.Single(messages)));
        }
    }

    [Fact]
    public void Of_a_frame_with_one_malformed_message_nothing_is_believed()
    {
        var messages = new List<Message>();
        Assert.False(MessageReader.TryRead([.. Sample.Bytes(Sample.Messages["alive"]), 99], messages));
        Assert.Empty(messages);
    }

    [Fact]
    public void Every_cut_of_a_message_is_refused()
    {
        foreach (var (name, message) in Sample.Messages)
        {
            var bytes = Sample.Bytes(message);
            for (var length = 1; length < bytes.Length; length++)
            {
                Assert.False(MessageReader.TryRead(bytes.AsSpan(0, length), []), $"{name} cut to {length} of {bytes.Length}");
            }
        }
    }

    [Theory]
    [InlineData("incarnation zero", "0588776655443322110004c0000201")]
    [InlineData("a number written too long", "0888776655443322118300")]
    [InlineData("a count without bytes for it", "0a00ffffffff0f")]
    [InlineData("no node", "010100000000000000000000000000")]
    [InlineData("an incarnation with no next", "088877665544332211ffffffff07")]
    public void Nonsense_is_refused(string what, string hex)
    {
        var isRead = MessageReader.TryRead(Convert.FromHexString(hex), []);
        Assert.Equal(what == "an incarnation with no next", isRead); // the largest is read; the one above it is not
        Assert.False(MessageReader.TryRead(Convert.FromHexString("0888776655443322118080808008"), []));
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
