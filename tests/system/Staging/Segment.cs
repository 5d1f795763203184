using Networking.Model.Api;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A cable from the host to a machine outside, for networks that stand on the host's end of it.</summary>
/// <remarks>
/// <code>
///   outside 10.N.0.1/16, fdN::1/64 ── veth ── parent (host): macvlan devices of sandboxes
/// </code>
/// </remarks>
/// <param name="Stage">Where it lies.</param>
/// <param name="Parent">The host's end.</param>
/// <param name="Outside">The machine at the other end; its interface has the name of the host's.</param>
/// <param name="Number">N: 1–99.</param>
internal sealed record Segment(Stage Stage, string Parent, Place Outside, int Number)
{
    public string Router4 => $"10.{Number}.0.1";

    public string Router6 => $"fd{Number:x2}::1";

    public static async Task<Segment> LayAsync(Stage stage, string parent, int number)
    {
        var segment = new Segment(stage, parent, await stage.NamespaceAsync($"out-{parent}"), number);
        await segment.PlugAsync();
        return segment;
    }

    /// <summary>Lays the cable; again, after the host's end was deleted.</summary>
    public async Task PlugAsync()
    {
        await Stage.Host.IpAsync($"link add {Parent} type veth peer name {Parent} netns {Path.GetFileName(Outside.Path)}");
        await Outside.IpAsync($"addr add {Router4}/16 dev {Parent}");
        await Outside.IpAsync($"addr add {Router6}/64 dev {Parent} nodad");
        await Outside.IpAsync($"link set {Parent} up");
        await Stage.Host.IpAsync($"link set {Parent} up");
    }

    /// <summary>A macvlan network on it, with subnet 10.N.M.0/24 and, if asked, fdN::/64; the machine outside is the router of both.</summary>
    public CreateNetworkRequest Request(string name, int part = 0, bool isDual = false, bool hasRouter = true, params (string, string)[] options) => new()
    {
        Name = name,
        Driver = "macvlan",
        Subnets = [$"10.{Number}.{part}.0/24", .. isDual ? [$"fd{Number:x2}::/64"] : Array.Empty<string>()],
        Gateways = [.. hasRouter && part == 0 ? [Router4] : Array.Empty<string>(), .. isDual && hasRouter ? [Router6] : Array.Empty<string>()],
        Options = Options.Of([("parent", Parent), .. options]),
    };
}
