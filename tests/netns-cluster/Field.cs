namespace Networking.NetnsCluster.Tests;

/// <summary>
/// Hosts in namespaces of their own on one bridge, taken away at the end.
/// <code>
///   ncXXXXb bridge ── ncXXXXp1 ═ eth0 10.88.0.1 in netd-c-XXXX-1 · ncXXXXp2 ═ eth0 10.88.0.2 in netd-c-XXXX-2 · …
/// </code>
/// </summary>
internal sealed class Field : IAsyncDisposable
{
    private static int s_count;

    private readonly string _tag = $"{Environment.ProcessId % 65_536:x}{Interlocked.Increment(ref s_count):x}";

    private Field(int count) => Count = count;

    public int Count { get; }

    /// <summary>A folder of its own.</summary>
    public string Folder => $"/tmp/netd-c-{_tag}";

    public static async Task<Field> OpenAsync(int count)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        var field = new Field(count);
        _ = Directory.CreateDirectory(field.Folder);
        try
        {
            _ = await Tool.RunAsync($"link add {field.Bridge} type bridge\nlink set {field.Bridge} up\n", "ip", "-batch", "-");
            for (var i = 1; i <= count; i++)
            {
                _ = await Tool.RunAsync(null, "ip", "netns", "add", field.Name(i));
                _ = await Tool.RunAsync($"link add {field.Port(i)} type veth peer name eth0 netns {field.Name(i)}\nlink set {field.Port(i)} master {field.Bridge} up\n", "ip", "-batch", "-");
                _ = await Tool.RunAsync($"link set lo up\naddress add {Address(i)}/24 dev eth0\nlink set eth0 up\n", "ip", "-n", field.Name(i), "-batch", "-");
            }
        }
        catch
        {
            await field.DisposeAsync();
            throw;
        }

        return field;
    }

    public static string Address(int host) => $"10.88.0.{host}";

    /// <summary>The words before a command that runs it on a host.</summary>
    public string[] On(int host) => ["nsenter", $"--net=/run/netns/{Name(host)}", "--"];

    /// <summary>Drops what comes to a host and fits a rule of nft.</summary>
    public Task DropAsync(int host, string match) => Tool.RunAsync(
        null, [.. On(host), "nft", $"add table ip cut; add chain ip cut in {{ type filter hook input priority 0; }}; add rule ip cut in {match} drop"]);

    public Task HealAsync(int host) => Tool.TryAsync(null, [.. On(host), "nft", "delete table ip cut"]);

    public async ValueTask DisposeAsync()
    {
        for (var i = 1; i <= Count; i++)
        {
            _ = await Tool.TryAsync(null, "ip", "netns", "del", Name(i)); // its end of the pair goes with it
        }

        _ = await Tool.TryAsync(null, "ip", "link", "del", Bridge);
        Directory.Delete(Folder, recursive: true);
    }

    private string Bridge => $"nc{_tag}b";

    private string Name(int host) => $"netd-c-{_tag}-{host}";

    private string Port(int host) => $"nc{_tag}p{host}";
}
