using Networking.Kernel;
using Networking.Model;
using static Networking.Netlink.Tests.Objects;
using static Networking.Netlink.Tests.ScriptedChannel;

namespace Networking.Netlink.Tests;

/// <summary>A table is read whole, or not at all with what was read and why not; and it can be read again afterwards.</summary>
public sealed class FirewallReadingTests
{
    private const int GetTable = 0xa01;
    private const int GetSet = 0xa0a;
    private const int GetGeneration = 0xa10;
    private const int AttemptsMax = 20;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(AttemptsMax - 1)]
    public void An_interrupted_dump_begins_anew(int times)
    {
        var (transport, channel) = Open((n, sequence) => [Done(sequence, n <= times ? NetlinkFlags.DumpInterrupted : NetlinkFlags.None)]);
        using (transport)
        {
            Assert.Equal(TableName, Assert.IsType<FirewallTableState>(Assert.Single(transport.Observe(NetNs.Host, TableName))).Name);
        }

        Assert.Equal(times + 1, channel.Sent.Count(static r => r[0].Type == GetSet));
    }

    [Fact]
    public void A_dump_that_is_interrupted_for_ever_is_given_up_and_says_so() => AssertRefused(
        static (_, sequence) => [Done(sequence, NetlinkFlags.DumpInterrupted)], AttemptsMax,
        "cannot read table inet netd: it was changed during each of 20 attempts (EINTR)");

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public void A_datagram_cut_in_a_header_is_an_error(int bytes) => AssertRefused(
        (n, sequence) => n == 1 ? [[.. Set(sequence), .. Set(sequence)[..bytes]], Done(sequence)] : [Done(sequence)], 1, "cannot dump nf_tables (GetSet): ", "(EBADMSG)");

    [Fact]
    public void A_message_that_says_that_it_is_longer_is_an_error() => AssertRefused(
        static (n, sequence) => n == 1 ? [[.. Set(sequence), .. Set(sequence)[..^4]], Done(sequence)] : [Done(sequence)], 1,
        "cannot dump nf_tables (GetSet): ", "(EBADMSG)");

    [Fact]
    public void A_message_cut_in_an_attribute_is_an_error()
    {
        static byte[] Cut(uint sequence)
        {
            var set = Set(sequence)[..^4];
            set[0] -= 4;
            return set;
        }

        AssertRefused(static (n, sequence) => n == 1 ? [Cut(sequence), Done(sequence)] : [Done(sequence)], 1, "cannot dump nf_tables (GetSet): ", "(EBADMSG)");
    }

    [Fact]
    public void A_datagram_that_does_not_fit_is_an_error() => AssertRefused(
        static (n, sequence) => n == 1 ? [new byte[70_000], Done(sequence)] : [Done(sequence)], 1, "cut from 70000 to 65536 bytes (EMSGSIZE)");

    [Fact]
    public void A_dump_without_an_end_is_an_error() => AssertRefused(
        static (n, sequence) => n == 1 ? [Set(sequence)] : [Done(sequence)], 1, "(EAGAIN)");

    [Fact]
    public void A_kernel_that_does_not_answer_is_an_error() => AssertRefused(static (n, sequence) => n == 1 ? [] : [Done(sequence)], 1, "(EAGAIN)");

    // Refused at first, and whole when it is read once more.
    private static void AssertRefused(Func<int, uint, IEnumerable<byte[]>> sets, int dumps, params string[] words)
    {
        var (transport, channel) = Open((n, sequence) => n > dumps ? [Done(sequence)] : sets(n, sequence));
        using (transport)
        {
            var refusal = Assert.Throws<KernelException>(() => transport.Observe(NetNs.Host, TableName));
            Assert.All(words, word => Assert.Contains(word, refusal.Message, StringComparison.Ordinal));
            Assert.NotNull(refusal.Error);
            Assert.Equal(dumps, channel.Sent.Count(static r => r[0].Type == GetSet));
            Assert.Single(transport.Observe(NetNs.Host, TableName));
        }
    }

    // A kernel with one table, whose list of sets is answered by the test: by how often it was asked for, and the request's number.
    private static (FirewallTransport Transport, ScriptedChannel Channel) Open(Func<int, uint, IEnumerable<byte[]>> sets)
    {
        var dumps = 0;
        IEnumerable<byte[]> Reply(List<WireMessage> request)
        {
            var sequence = request[0].Sequence;
            return request[0].Type switch
            {
                GetGeneration => [Message(0xa0f, sequence, static (ref w) => w.PutUInt32BigEndian(1, 7)), Answer(sequence, 0)],
                GetTable => [Message(0xa00, sequence, static (ref w) => w.PutString(1, TableName)), Answer(sequence, 0)],
                GetSet => sets(++dumps, sequence),
                _ => [Done(sequence)],
            };
        }

        var channel = new ScriptedChannel([.. Enumerable.Repeat<Func<List<WireMessage>, IEnumerable<byte[]>>>(Reply, 1000)]);
        return (new FirewallTransport(channel), channel);
    }

    private static byte[] Set(uint sequence) => Message(0xa09, sequence, static (ref w) =>
    {
        w.PutString(1, TableName);
        w.PutString(2, "bridges");
    });
}
