using System.Collections.Immutable;

namespace Networking.Tidy.Tests.Source;

/// <summary>A folder at the root that holds code of ours.</summary>
/// <param name="Name">The folder.</param>
/// <param name="References">The rooms its project may reference.</param>
/// <param name="IsPure">No sockets, files or processes: views in, values out.</param>
/// <param name="HasInterop">May hold unsafe code and P/Invoke.</param>
public sealed record Room(string Name, ImmutableArray<string> References, bool IsPure = false, bool HasInterop = false);

/// <summary>The rooms and the arrows between them, as docs/architecture.md draws them. An arrow not listed is a failure.</summary>
public static class Rooms
{
    public static ImmutableArray<Room> All { get; } =
    [
        new("model", [], IsPure: true),
        new("kernel", ["model"], IsPure: true),
        new("netlink", ["kernel", "model"], HasInterop: true),
        new("ipam", ["model"], IsPure: true),
        new("gossip", ["model"]),
        new("dns", ["model"]),
        new("store", ["model"], HasInterop: true),
        new("drivers", ["kernel", "model"], IsPure: true),
        new("lb", ["kernel", "model"], IsPure: true),
        new("runtime", ["netlink", "model"]),
        new("cluster", ["ipam", "store", "model"]),
        new("plugin", ["model"]),
        new("netctl", ["model"]),
        new("cni", [], HasInterop: true),
        new("netd",
        [
            "model", "kernel", "netlink", "ipam", "gossip", "dns", "store", "drivers", "lb", "runtime", "cluster", "plugin", "cni",
        ]),
        new("netlab-vagrant", []),
    ];

    public static Room? Find(string name) => All.FirstOrDefault(r => r.Name == name);
}
