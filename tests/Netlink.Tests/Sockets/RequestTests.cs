using System.Buffers.Binary;
using Networking.Netlink.Tests.Planted;

namespace Networking.Netlink.Tests.Sockets;

/// <summary>What reaches the kernel of requests that travel together.</summary>
public sealed class RequestTests : IDisposable
{
    private readonly ScriptedKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void Requests_are_numbered_and_each_asks_for_an_answer()
    {
        var batch = new NetlinkBatch();
        foreach (var name in new[] { "br0", "br1", "br2" })
        {
            var writer = batch.Begin();
            LinkEncoder.Get(ref writer, name);
            _ = batch.Commit(writer);
        }

        _kernel.Say(_kernel.Answer(1), _kernel.Answer(2), _kernel.Answer(3));
        _kernel.Socket.Exchange(batch.Messages, batch.Acks);

        Assert.Equal([(1u, true), (2u, true), (3u, true)], Headers(PlantedWire.Route(_kernel.Heard())));
    }

    private static List<(uint Sequence, bool AsksForAnswer)> Headers(ReadOnlySpan<byte> messages)
    {
        var headers = new List<(uint, bool)>();
        while (!messages.IsEmpty)
        {
            headers.Add((BinaryPrimitives.ReadUInt32LittleEndian(messages[8..]), (messages[6] & 4) != 0)); // NLM_F_ACK
            messages = messages[((BinaryPrimitives.ReadInt32LittleEndian(messages) + 3) & ~3)..];
        }

        return headers;
    }
}
