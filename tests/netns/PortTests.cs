using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>
/// Host ports kept by sockets: nobody else gets them, and what reaches them while no rule translates is neither refused nor
/// answered. Every client and every other holder is the framework's or a program's own.
/// </summary>
public sealed class PortTests
{
    private static readonly TimeSpan LongEnoughForARefusal = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(PortProtocol.Tcp, "0.0.0.0", "127.0.0.1")]
    [InlineData(PortProtocol.Tcp, "127.0.0.1", "0.0.0.0")]
    [InlineData(PortProtocol.Tcp, "127.0.0.1", "127.0.0.1")]
    [InlineData(PortProtocol.Tcp, "::", "::1")]
    [InlineData(PortProtocol.Udp, "0.0.0.0", "127.0.0.1")]
    [InlineData(PortProtocol.Udp, "::1", "::")]
    public async Task A_port_that_a_program_has_is_refused_with_the_programs_name(PortProtocol protocol, string claimed, string held)
    {
        await using var lab = Lab.Open();
        var ports = PortsOf(lab);
        using var program = await PortProgram.StartAsync(protocol, held, 18_080);
        var claim = new PortClaim(protocol, IPAddress.Parse(claimed), 18_080);

        var (reservations, refusals) = ports.Reserve([claim]);

        Assert.Empty(reservations);
        var refusal = Assert.Single(refusals);
        Assert.Equal((claim, "EADDRINUSE"), (refusal.Claim, refusal.Error.ErrnoName));
        Assert.Equal(new PortHolder(IPAddress.Parse(held), 18_080, program.Process.Id, "socat"), refusal.Holder);
        Assert.Equal(refusal.Holder, Assert.Single(ports.Check([claim])).Holder);
    }

    [Fact]
    public async Task An_IPv6_socket_that_takes_IPv4_too_stands_in_the_way_of_IPv4()
    {
        await using var lab = Lab.Open();
        var ports = PortsOf(lab);
        var claim = new PortClaim(PortProtocol.Tcp, IPAddress.Parse("127.0.0.1"), 18_081);
        using (var program = await PortProgram.StartAsync(PortProtocol.Tcp, "::", 18_081, "ipv6only=0"))
        {
            Assert.Equal(program.Process.Id, Assert.Single(ports.Reserve([claim]).Refusals).Holder?.ProcessId);
            Assert.Equal(program.Process.Id, Assert.Single(ports.Check([claim])).Holder?.ProcessId);
        }

        using (await PortProgram.StartAsync(PortProtocol.Tcp, "::", 18_082, "ipv6only=1"))
        {
            claim = claim with { Port = 18_082 };
            Assert.Empty(ports.Check([claim]));
            Dispose(Reserve(ports, claim));
        }
    }

    [Fact]
    public async Task A_connection_that_was_given_the_port_is_named_too()
    {
        await using var lab = Lab.Open();
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.LocalEndPoint!, Lab.Cancel); // bound, so it has one
        var port = ((IPEndPoint)client.LocalEndPoint!).Port; // connected, so it has one

        var refusal = Assert.Single(PortsOf(lab).Reserve([new PortClaim(PortProtocol.Tcp, IPAddress.Any, port)]).Refusals);

        Assert.Equal(Environment.ProcessId, refusal.Holder?.ProcessId);
    }

    [Theory]
    [InlineData(PortProtocol.Tcp, "0.0.0.0", "0.0.0.0")]
    [InlineData(PortProtocol.Tcp, "0.0.0.0", "127.0.0.1")]
    [InlineData(PortProtocol.Tcp, "::", "::1")]
    [InlineData(PortProtocol.Udp, "0.0.0.0", "0.0.0.0")]
    [InlineData(PortProtocol.Udp, "127.0.0.1", "0.0.0.0")]
    [InlineData(PortProtocol.Udp, "::", "::1")]
    public async Task Nobody_takes_a_reserved_port_by_reusing_its_address(PortProtocol protocol, string claimed, string wanted)
    {
        await using var lab = Lab.Open();
        var kept = Reserve(PortsOf(lab), new PortClaim(protocol, IPAddress.Parse(claimed), 18_083));

        var refused = Assert.Throws<SocketException>(() => TakeReusing(protocol, wanted, 18_083).Dispose());
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);

        Dispose(kept);
        TakeReusing(protocol, wanted, 18_083).Dispose();
    }

    [Fact]
    public async Task A_connection_attempt_is_neither_refused_nor_accepted_while_nothing_translates()
    {
        await using var lab = Lab.Open();
        using var control = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refused = await Assert.ThrowsAsync<SocketException>(() => control.ConnectAsync("127.0.0.1", 18_084, Lab.Cancel).AsTask());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        var kept = Reserve(PortsOf(lab), new PortClaim(PortProtocol.Tcp, IPAddress.Any, 18_084));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        var attempt = client.ConnectAsync("127.0.0.1", 18_084, Lab.Cancel).AsTask();

        Assert.NotSame(attempt, await Task.WhenAny(attempt, Task.Delay(LongEnoughForARefusal, Lab.Cancel)));
        Assert.Contains("SYN-SENT", Lab.Run("ss", "-Htan", "dport", "=", "18084"), StringComparison.Ordinal);
        Dispose(kept);

        // The port is free: the next of its packets is refused at once, and the client need not be waited for any longer.
        await Assert.ThrowsAsync<SocketException>(() => attempt.WaitAsync(TimeSpan.FromSeconds(10), Lab.Cancel));
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::", "fd00:77::1")]
    [InlineData("fd00:77::1", "::1")]
    public async Task A_datagram_is_not_answered_by_an_error(string claimed, string destination)
    {
        await using var lab = Lab.Open();
        using var address = await HostIpv6Address.AddAsync("fd00:77::1");
        Assert.Equal(SocketError.ConnectionRefused, await SendAsync(destination, 18_085));
        var kept = Reserve(PortsOf(lab), new PortClaim(PortProtocol.Udp, IPAddress.Parse(claimed), 18_085));

        Assert.Equal(claimed == "fd00:77::1" ? SocketError.ConnectionRefused : SocketError.TimedOut, await SendAsync(destination, 18_085));

        Assert.Equal(0, kept[0].Socket.Available);
        Dispose(kept);

        static async Task<SocketError> SendAsync(string destination, int port)
        {
            var to = new IPEndPoint(IPAddress.Parse(destination), port);
            using var client = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (destination == "fd00:77::1")
            {
                client.Bind(new IPEndPoint(to.Address, 0)); // else the kernel might choose ::1
            }

            await client.ConnectAsync(to, Lab.Cancel);
            await client.SendAsync(new byte[] { 1 }, Lab.Cancel);
            var answer = client.ReceiveAsync(new byte[1], Lab.Cancel).AsTask();
            if (await Task.WhenAny(answer, Task.Delay(LongEnoughForARefusal, Lab.Cancel)) != answer)
            {
                return SocketError.TimedOut;
            }

            return (await Assert.ThrowsAsync<SocketException>(() => answer)).SocketErrorCode;
        }
    }

    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    public async Task A_client_at_the_IPv6_loopback_address_reaches_the_socket(string claimed)
    {
        await using var lab = Lab.Open();
        var kept = Reserve(
            PortsOf(lab),
            new PortClaim(PortProtocol.Tcp, IPAddress.Parse(claimed), 18_086),
            new PortClaim(PortProtocol.Udp, IPAddress.Parse(claimed), 18_086));
        using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);

        await client.ConnectAsync("::1", 18_086, Lab.Cancel);
        using var accepted = await kept[0].Socket.AcceptAsync(Lab.Cancel);
        await client.SendAsync("hello"u8.ToArray(), Lab.Cancel);
        var buffer = new byte[16];
        Assert.Equal(5, await accepted.ReceiveAsync(buffer, Lab.Cancel));

        using var datagrams = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        await datagrams.SendToAsync("hello"u8.ToArray(), new IPEndPoint(IPAddress.IPv6Loopback, 18_086), Lab.Cancel);
        Assert.Equal(5, (await kept[1].Socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.IPv6Any, 0), Lab.Cancel)).ReceivedBytes);
        Dispose(kept);
    }

    [Fact]
    public async Task Another_IPv6_client_does_not_reach_the_socket_unless_it_is_the_forwarders()
    {
        await using var lab = Lab.Open();
        using var address = await HostIpv6Address.AddAsync("fd00:77::1");
        var kept = Reserve(PortsOf(lab), new PortClaim(PortProtocol.Tcp, IPAddress.IPv6Any, 18_087));
        using var client = FromAddress("fd00:77::1");
        var attempt = client.ConnectAsync("fd00:77::1", 18_087, Lab.Cancel).AsTask();
        Assert.NotSame(attempt, await Task.WhenAny(attempt, Task.Delay(LongEnoughForARefusal, Lab.Cancel)));
        Dispose(kept);
        await Assert.ThrowsAsync<SocketException>(() => attempt.WaitAsync(TimeSpan.FromSeconds(10), Lab.Cancel));

        kept = Reserve(PortsOf(lab), new PortClaim(PortProtocol.Tcp, IPAddress.IPv6Any, 18_087, IsForwarded: true));
        using var second = FromAddress("fd00:77::1");
        await second.ConnectAsync("fd00:77::1", 18_087, Lab.Cancel);
        using var accepted = await kept[0].Socket.AcceptAsync(Lab.Cancel);
        Dispose(kept);

        static Socket FromAddress(string address)
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            return socket;
        }
    }

    [Theory]
    [InlineData("::", "fd00:77::1", "fd00:77::2")]
    [InlineData("0.0.0.0", "127.0.0.1", "127.0.0.2")]
    public async Task An_answer_comes_from_the_address_that_was_asked(string claimed, string clientAddress, string asked)
    {
        await using var lab = Lab.Open();
        using var first = await HostIpv6Address.AddAsync("fd00:77::1");
        using var second = await HostIpv6Address.AddAsync("fd00:77::2");
        var any = IPAddress.Parse(claimed);
        var kept = Reserve(PortsOf(lab), new PortClaim(PortProtocol.Udp, any, 18_094, IsForwarded: true));
        using var client = new Socket(any.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        client.Bind(new IPEndPoint(IPAddress.Parse(clientAddress), 0));
        await client.SendToAsync("question"u8.ToArray(), new IPEndPoint(IPAddress.Parse(asked), 18_094), Lab.Cancel);
        var question = await kept[0].Socket.ReceiveMessageFromAsync(new byte[99], new IPEndPoint(any, 0), Lab.Cancel);
        Assert.Equal(asked, question.PacketInformation.Address.ToString());

        Assert.Null(kept[0].Reply("answer"u8, question.PacketInformation.Address, (IPEndPoint)question.RemoteEndPoint));

        var answer = await client.ReceiveFromAsync(new byte[99], new IPEndPoint(any, 0), Lab.Cancel);
        Assert.Equal((6, new IPEndPoint(IPAddress.Parse(asked), 18_094)), (answer.ReceivedBytes, answer.RemoteEndPoint));
        var foreign = kept[0].Reply("answer"u8, IPAddress.Parse(any.AddressFamily == AddressFamily.InterNetworkV6 ? "2001:db8::9" : "192.0.2.9"), (IPEndPoint)question.RemoteEndPoint);
        Assert.NotNull(foreign);
        Dispose(kept);
    }

    [Fact]
    public async Task All_claims_are_had_or_none_and_every_refusal_is_told()
    {
        await using var lab = Lab.Open();
        using var first = await PortProgram.StartAsync(PortProtocol.Tcp, "127.0.0.1", 18_088);
        using var second = await PortProgram.StartAsync(PortProtocol.Udp, "0.0.0.0", 18_090);
        ImmutableArray<PortClaim> claims =
        [
            new(PortProtocol.Tcp, IPAddress.IPv6Any, 18_088),
            new(PortProtocol.Tcp, IPAddress.Any, 18_088),
            new(PortProtocol.Tcp, IPAddress.Any, 18_089),
            new(PortProtocol.Udp, IPAddress.Any, 18_090),
            new(PortProtocol.Udp, IPAddress.Parse("192.0.2.77"), 18_091),
        ];

        var (reservations, refusals) = PortsOf(lab).Reserve(claims);

        Assert.Empty(reservations);
        Assert.Equal([claims[1], claims[3], claims[4]], refusals.Select(static r => r.Claim));
        Assert.Equal(["EADDRINUSE", "EADDRINUSE", "EADDRNOTAVAIL"], refusals.Select(static r => r.Error.ErrnoName));
        Assert.Equal([first.Process.Id, second.Process.Id, null], refusals.Select(static r => r.Holder?.ProcessId));
        Assert.Equal(
            "cannot reserve port 18091/udp of 192.0.2.77: the host does not have this address, or not yet (EADDRNOTAVAIL)",
            refusals[2].Error.ToString());
        Assert.Equal(string.Empty, Lab.Run("ss", "-Hltn", "sport", "=", "18089"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_port_given_back_is_free_at_once(bool isAccepting)
    {
        await using var lab = Lab.Open();
        var kept = Reserve(PortsOf(lab), new PortClaim(PortProtocol.Tcp, IPAddress.IPv6Any, 18_092), new PortClaim(PortProtocol.Udp, IPAddress.Any, 18_092));
        var accept = isAccepting ? kept[0].Socket.AcceptAsync(Lab.Cancel).AsTask() : null;
        var receive = isAccepting ? kept[1].Socket.ReceiveFromAsync(new byte[9], new IPEndPoint(IPAddress.Any, 0), Lab.Cancel).AsTask() : null;

        Dispose(kept);

        using var stream = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        stream.Bind(new IPEndPoint(IPAddress.IPv6Any, 18_092));
        stream.Listen();
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(new IPEndPoint(IPAddress.Any, 18_092));
        if (accept is not null && receive is not null)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => accept.WaitAsync(TimeSpan.FromSeconds(10), Lab.Cancel));
            await Assert.ThrowsAnyAsync<Exception>(() => receive.WaitAsync(TimeSpan.FromSeconds(10), Lab.Cancel));
        }

        kept[0].Dispose(); // again, and nothing happens
        Assert.Throws<ObjectDisposedException>(() => kept[0].Socket);
    }

    [Fact]
    public async Task A_protocol_the_kernel_does_not_speak_is_refused_by_name()
    {
        await using var lab = Lab.Open();

        var (reservations, refusals) = PortsOf(lab).Reserve([new PortClaim(PortProtocol.Sctp, IPAddress.Any, 18_093)]);

        Assert.SkipWhen(reservations.Length == 1, "the kernel speaks SCTP");
        Assert.Equal("EPROTONOSUPPORT", Assert.Single(refusals).Error.ErrnoName);
        Assert.Empty(PortsOf(lab).Check([new PortClaim(PortProtocol.Sctp, IPAddress.Any, 18_093)]));
    }

    [Fact]
    public async Task A_thousand_ports_cost_eleven_calls_each_and_a_check_of_them_two_questions()
    {
        await using var lab = Lab.Open();
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "needs strace");
        var ports = PortsOf(lab);
        var claims = Enumerable.Range(20_000, 1000)
            .SelectMany(static port => new[] { new PortClaim(PortProtocol.Tcp, IPAddress.Any, port), new PortClaim(PortProtocol.Tcp, IPAddress.IPv6Any, port) })
            .ToImmutableArray();
        Dispose(Reserve(ports, claims[..2])); // whatever is done once is done now
        Assert.Empty(ports.Check(claims[..2]));

        ImmutableArray<IReservedSocket> kept = [];
        var reserving = NetworkCalls.Trace(() => kept = Reserve(ports, claims));
        Assert.Equal(2000, Lines(Lab.Run("ss", "-Hltn", "sport", ">=", ":20000", "and", "sport", "<", ":21000")));
        var checking = NetworkCalls.Trace(() => Assert.Equal(2000, ports.Check(claims).Length));
        Dispose(kept);

        // Socket, reuse, filter, bind, listen; one option more for IPv6; once the question where the socket is.
        Assert.Equal((1000 * 11) + 1, Lines(reserving));
        Assert.Equal(2, checking.Split('\n').Count(static line => line.Contains("sendto(", StringComparison.Ordinal)));
        Assert.Equal(string.Empty, Lab.Run("ss", "-Hltn", "sport", ">=", ":20000", "and", "sport", "<", ":21000"));
    }

    [Fact]
    public async Task The_range_of_free_ports_is_the_kernels_as_it_is_now()
    {
        await using var lab = Lab.Open();
        var ports = PortsOf(lab);
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        const string reserved = "/proc/sys/net/ipv4/ip_local_reserved_ports";
        var (rangeBefore, reservedBefore) = (await File.ReadAllTextAsync(range, Lab.Cancel), await File.ReadAllTextAsync(reserved, Lab.Cancel));
        try
        {
            await File.WriteAllTextAsync(range, "40000 40009", Lab.Cancel);
            await File.WriteAllTextAsync(reserved, "40003,40005-40007", Lab.Cancel);
            Assert.Equal(new LocalPorts(new PortRange(40_000, 40_009), [new PortRange(40_003, 40_003), new PortRange(40_005, 40_007)]), ports.ReadLocalPorts());
            await WriteInPiecesAsync(reserved, Enumerable.Range(0, 32_000).Select(static n => (2 * n) + 1));
            Assert.Equal(32_000, ports.ReadLocalPorts().Reserved.Length);
        }
        finally
        {
            await File.WriteAllTextAsync(range, rangeBefore, Lab.Cancel);
            await File.WriteAllTextAsync(reserved, reservedBefore, Lab.Cancel);
        }
    }

    // The kernel takes a page at a time, and adds what is written behind the beginning.
    private static async Task WriteInPiecesAsync(string path, IEnumerable<int> numbers)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (var piece in numbers.Chunk(600))
        {
            await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Join(',', piece)), Lab.Cancel);
        }
    }

    private static HostPorts PortsOf(Lab lab) => new(lab.Directory.HostCookie);

    private static ImmutableArray<IReservedSocket> Reserve(HostPorts ports, params ImmutableArray<PortClaim> claims)
    {
        var (reservations, refusals) = ports.Reserve(claims);
        Assert.Empty(refusals);
        Assert.Equal(claims, reservations.Select(static r => r.Claim));
        return [.. reservations.Cast<IReservedSocket>()];
    }

    private static void Dispose(ImmutableArray<IReservedSocket> reservations)
    {
        foreach (var reservation in reservations)
        {
            reservation.Dispose();
        }
    }

    private static Socket TakeReusing(PortProtocol protocol, string address, int port)
    {
        var parsed = IPAddress.Parse(address);
        var socket = protocol == PortProtocol.Udp
            ? new Socket(parsed.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(parsed.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetRawSocketOption(1, 2, BitConverter.GetBytes(1)); // SOL_SOCKET, SO_REUSEADDR and nothing else
            socket.Bind(new IPEndPoint(parsed, port));
            if (protocol == PortProtocol.Tcp)
            {
                socket.Listen();
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int Lines(string text) => text.AsSpan().Count('\n');
}
