using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>Dumps while somebody else changes what is read. How often each is begun anew, and when it is given up: Netlink.Tests.</summary>
public sealed class DumpTests
{
    private const int Addresses = 4000;

    [Fact]
    public async Task A_dump_under_constant_change_is_whole_or_refused()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var batch = Path.GetTempFileName();
        var lines = Enumerable.Range(0, Addresses).SelectMany(n => new[] { $"addr add 10.2.{n / 250}.{(n % 250) + 1}/16 dev lo", $"link set lo mtu {(n % 2) + 1500}" });
        await File.WriteAllLinesAsync(batch, lines, Lab.Cancel);
        var (begunAnew, givenUp, whole) = (0, 0, 0);
        using (var lease = ((INamespaceHandles)lab.Directory).Rent(sandbox))
        {
            var change = Task.Run(() => Lab.Run("ip", "-n", name, "-b", batch), Lab.Cancel);
            while (!change.IsCompleted)
            {
                var seen = new SeenAddresses();
                var error = Dump(lease.Handle.Socket, seen);
                begunAnew += seen.Restarts;
                if (error is null)
                {
                    // They come in order, so those of one moment are the first so many.
                    Assert.Equal(Enumerable.Range(0, seen.Numbers.Count), seen.Numbers.Order());
                    whole++;
                }
                else
                {
                    // Never half a dump: it is given up with the reason when it is interrupted each time.
                    Assert.True(error.IsTransient);
                    Assert.Contains("interrupted", error.ToString(), StringComparison.Ordinal);
                    givenUp++;
                }
            }

            await change;
            File.Delete(batch);
            var last = new SeenAddresses();
            Assert.Null(Dump(lease.Handle.Socket, last));
            Assert.Equal(Addresses, last.Numbers.Count);
        }

        TestContext.Current.SendDiagnosticMessage($"{whole} dumps were whole, {givenUp} given up; {begunAnew} times one was begun anew");
        Assert.SkipWhen(begunAnew == 0, "needs a change in the middle of a dump: none fell into one on this machine");
    }

    private static KernelError? Dump(NetlinkSocket socket, SeenAddresses seen)
    {
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        AddressEncoder.Dump(ref writer, WireFamily.Inet, 0);
        _ = batch.Commit(writer);
        return socket.Dump(batch.Messages, "read addresses", seen);
    }

    /// <summary>Which of the addresses that the test makes came, by their number.</summary>
    private sealed class SeenAddresses : INetlinkReplies
    {
        public List<int> Numbers { get; } = [];

        public int Restarts { get; private set; }

        public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body)
        {
            if (AddressMessage.Read(body) is { Address: { PrefixLength: 16, Address: { AddressFamily: AddressFamily.InterNetwork } address } })
            {
                Numbers.Add(NumberOf(address));
            }
        }

        public void OnRestart()
        {
            Numbers.Clear();
            Restarts++;
        }

        private static int NumberOf(IPAddress address)
        {
            var bits = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
            return (int)((((bits >> 8) & 0xff) * 250) + (bits & 0xff) - 1);
        }
    }
}
