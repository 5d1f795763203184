using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A network namespace, and what the kernel's own tools see and do in it.</summary>
/// <param name="Name">How the test calls it; for a sandbox, its name.</param>
/// <param name="Path">Its file.</param>
internal sealed record Place(string Name, string Path)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_acceptPatience = TimeSpan.FromSeconds(30);

    /// <summary>What else to say when a packet did not arrive.</summary>
    public Func<Task<string>>? Surroundings { get; init; }

    /// <summary>Runs a program inside.</summary>
    public Task<Output> RunAsync(string program, params string[] arguments) =>
        Tool.RunAsync("nsenter", [$"--net={Path}", program, .. arguments]);

    /// <summary>Runs a line of <c>ip</c> that must succeed.</summary>
    public async Task IpAsync(string line) => _ = (await RunAsync("ip", line.Split(' '))).Succeeded();

    /// <summary>Starts a program inside; the caller ends it.</summary>
    public Process Start(string program, params string[] arguments) => Tool.Start("nsenter", [$"--net={Path}", program, .. arguments]);

    /// <summary>What <c>ip -j</c> says; an empty array if there is no such thing.</summary>
    public async Task<JsonElement> IpJsonAsync(string line) => Json(await RunAsync("ip", ["-j", "-d", .. line.Split(' ')]));

    public async Task<JsonElement> BridgeJsonAsync(string line) => Json(await RunAsync("bridge", ["-j", "-d", .. line.Split(' ')]));

    /// <summary>A link as <c>ip -j -d</c> shows it; null if there is none.</summary>
    public async Task<JsonElement?> LinkAsync(string name)
    {
        var links = await IpJsonAsync($"address show dev {name}");
        return links.GetArrayLength() == 0 ? null : links[0];
    }

    /// <summary>Names of all links but lo.</summary>
    public async Task<string[]> LinksAsync() =>
        [.. (await IpJsonAsync("link show")).EnumerateArray().Select(static l => l.GetProperty("ifname").GetString()!).Where(static n => n != "lo").Order(StringComparer.Ordinal)];

    /// <summary>The addresses of a link as text with prefix length, link-local ones left out.</summary>
    public async Task<string[]> AddressesAsync(string link) =>
        await LinkAsync(link) is not { } found ? [] :
        [
            .. found.GetProperty("addr_info").EnumerateArray()
                .Where(static a => a.TryGetProperty("local", out _) && a.GetProperty("scope").GetString() != "link")
                .Select(static a => $"{a.GetProperty("local").GetString()}/{a.GetProperty("prefixlen").GetInt32()}"),
        ];

    /// <summary>The device of the default route, or null.</summary>
    public async Task<string?> DefaultDeviceAsync(int family)
    {
        var routes = await IpJsonAsync($"-{family} route show default");
        return routes.GetArrayLength() == 0 ? null : routes[0].GetProperty("dev").GetString();
    }

    /// <summary>A value below /proc/sys, as this namespace has it.</summary>
    public string Sysctl(string path) => NativeNamespace.Run(Path, () => File.ReadAllText($"/proc/sys/{path}").Trim());

    public void SetSysctl(string path, string value) => _ = NativeNamespace.Run(Path, () =>
    {
        File.WriteAllText($"/proc/sys/{path}", value);
        return true;
    });

    /// <summary>One echo request that must be answered.</summary>
    public async Task<Output> PingAsync(string address) => await RunAsync("ping", "-n", "-c", "1", "-W", "1", address);

    /// <summary>Asserts that an echo request is answered within seconds.</summary>
    public async Task ReachesAsync(string address)
    {
        // The kernel lets a port forward some time after its link came up: a busy machine loses the first packets.
        var clock = Stopwatch.StartNew();
        var output = await PingAsync(address);
        while (!output.IsDone && clock.Elapsed < s_patience)
        {
            output = await PingAsync(address);
        }

        if (!output.IsDone)
        {
            var around = Surroundings is null ? string.Empty : await Surroundings();
            Assert.Fail($"{Name} does not reach {address}\n{output}\n{await SightAsync()}\n{around}");
        }
    }

    /// <summary>Asserts that three echo requests stay unanswered.</summary>
    public async Task MissesAsync(string address)
    {
        var output = await RunAsync("ping", "-n", "-c", "3", "-i", "0.2", "-W", "0.4", address);
        Assert.False(output.IsDone, $"{Name} reaches {address}, which it must not\n{output}");
    }

    /// <summary>A socket that lives inside.</summary>
    public Socket Socket(AddressFamily family, SocketType type, ProtocolType protocol = ProtocolType.Unspecified) =>
        NativeNamespace.Run(Path, () => new Socket(family, type, protocol));

    /// <summary>A listening TCP socket inside.</summary>
    public Socket Listen(string address, int port)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(endpoint);
        socket.Listen(16);
        return socket;
    }

    /// <summary>The far end of a connection; fails if none comes in time, for a client's may end at somebody between.</summary>
    public static Task<Socket> AcceptAsync(Socket listener) => listener.AcceptAsync(Eventually.Cancel).AsTask().WaitAsync(s_acceptPatience, Eventually.Cancel);

    /// <summary>A TCP connection from inside; null if it is not established in time.</summary>
    public async Task<Socket?> ConnectAsync(string address, int port, TimeSpan? deadline = null)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var timer = new CancellationTokenSource(deadline ?? TimeSpan.FromSeconds(5));
        try
        {
            await socket.ConnectAsync(endpoint, timer.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Links, addresses and routes, for the message of a failed test.</summary>
    public async Task<string> SightAsync() =>
        (await RunAsync("sh", "-c", "ip address; ip route; ip -6 route; ip neigh; bridge link; nft list ruleset 2>/dev/null")).Text;

    private static JsonElement Json(Output output) =>
        JsonDocument.Parse(output.IsDone && output.Text.Trim() is { Length: > 2 } text ? text : "[]").RootElement;

}
