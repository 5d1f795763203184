namespace Networking.Bench;

/// <summary>A network namespace made by <c>ip netns</c>, in the benchmark's own /run.</summary>
internal sealed class HostNamespace : IDisposable
{
    public HostNamespace(string name)
    {
        Name = name;
        _ = Command.Ip("netns", "add", name);
        _ = Command.Ip("-n", name, "link", "set", "lo", "up");
    }

    public string Name { get; }

    public string Path => "/run/netns/" + Name;

    /// <summary>Runs <c>ip</c> in it.</summary>
    public string Ip(params string[] arguments) => Command.Ip(["-n", Name, .. arguments]);

    public string Run(params string[] command) => Command.Run(Prefix[0], [.. Prefix[1..], .. command]);

    /// <summary>The words before a command that runs it here; mounts and /sys stay as they are.</summary>
    public string[] Prefix => ["nsenter", "--net=" + Path, "--"];

    public void Dispose() => Command.Try("ip", "netns", "del", Name);
}
