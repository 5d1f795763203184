using System.Security.Cryptography;
using System.Text;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// resolv.conf and hosts of each sandbox of ours. They follow the host's file and the sandbox's endpoints, until somebody edits
/// one: the digest beside it tells, and then it is his.
/// </summary>
internal sealed class SandboxFiles(string directory, string hostFile)
{
    private const string DigestSuffix = ".hash";

    // The head that the C library's own tools expect.
    private const string HostsHead =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

    /// <summary>Where the resolv.conf of a sandbox is.</summary>
    public string ResolvConfOf(SandboxId id) => Path.Combine(directory, id.Short, "resolv.conf");

    /// <summary>Where the hosts file of a sandbox is.</summary>
    public string HostsOf(SandboxId id) => Path.Combine(directory, id.Short, "hosts");

    /// <summary>Writes the files of a sandbox, but for those that were edited. An error is the caller's to tell.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Write(SandboxFileFacts facts)
    {
        _ = Directory.CreateDirectory(Path.Combine(directory, facts.Sandbox.Id.Short));
        Write(ResolvConfOf(facts.Sandbox.Id), ResolvConf(facts, File.Exists(hostFile) ? File.ReadAllLines(hostFile) : []));
        Write(HostsOf(facts.Sandbox.Id), Hosts(facts));
    }

    /// <summary>Removes the files of a sandbox, if there are any.</summary>
    public void Remove(SandboxId id)
    {
        var path = Path.Combine(directory, id.Short);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Removes the files of sandboxes that are not known. The folder itself is there as long as the daemon's others are.</summary>
    public void RemoveStrays(IEnumerable<SandboxId> known)
    {
        _ = Directory.CreateDirectory(directory);
        var kept = known.Select(static id => id.Short).ToHashSet(StringComparer.Ordinal);
        foreach (var stray in Directory.EnumerateDirectories(directory).Where(d => !kept.Contains(Path.GetFileName(d))))
        {
            Directory.Delete(stray, recursive: true);
        }
    }

    /// <summary>
    /// The text of a resolv.conf: our server; search list and options as said of the sandbox, else the host's. Names of ours
    /// have no dot, so one asked as it is may stand alone, unless somebody says how many dots it must have.
    /// </summary>
    internal static string ResolvConf(SandboxFileFacts facts, string[] host)
    {
        var words = host.Select(static l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(static w => w.Length > 1).ToArray();
        IEnumerable<string> search = facts.Dns.Search is [DnsSpec.NoSearch] ? []
            : facts.Dns.Search.IsEmpty ? words.LastOrDefault(static w => w[0] is "search" or "domain")?.Skip(1) ?? []
            : facts.Dns.Search;
        var options = facts.Dns.Options.IsEmpty ? words.Where(static w => w[0] == "options").SelectMany(static w => w.Skip(1)).ToList() : [.. facts.Dns.Options];
        if (!options.Exists(static o => o.StartsWith("ndots:", StringComparison.Ordinal)))
        {
            options.Add("ndots:0");
        }

        var asked = facts.Dns.Servers.IsEmpty
            ? words.Where(static w => w[0] == "nameserver").Select(static w => w[1]).DefaultIfEmpty("nobody, the host has no server")
            : facts.Dns.Servers.Select(static s => $"{s} (from here)");
        var text = new StringBuilder()
            .Append($"# Written by netd for sandbox {facts.Sandbox.Name}. Once it is edited, netd leaves it alone.\n")
            .Append($"nameserver {facts.Resolver}\n");
        _ = search.Any() ? text.Append($"search {string.Join(' ', search)}\n") : text;
        return text.Append($"options {string.Join(' ', options)}\n")
            .Append($"# netd asks for what it does not know: {string.Join(' ', asked)}\n")
            .ToString();
    }

    /// <summary>The text of a hosts file: the loopback, and the sandbox's own addresses.</summary>
    internal static string Hosts(SandboxFileFacts facts)
    {
        var text = new StringBuilder($"# Written by netd for sandbox {facts.Sandbox.Name}. Once it is edited, netd leaves it alone.\n").Append(HostsHead);
        foreach (var (address, names) in facts.Hosts)
        {
            _ = text.Append($"{address}\t{string.Join(' ', names)}\n");
        }

        return text.ToString();
    }

    private static void Write(string path, string text)
    {
        var old = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        var digests = path + DigestSuffix;
        if (old == text || (File.Exists(path) && (!File.Exists(digests) || !File.ReadAllText(digests).Split(' ').Contains(DigestOf(old)))))
        {
            return;
        }

        // Before and after, and empty in between: whenever the daemon dies here, the file is known as ours.
        File.WriteAllText(digests, $"{DigestOf(old)} {DigestOf(string.Empty)} {DigestOf(text)}");
        File.WriteAllText(path, text); // in place: it may be mounted somewhere
    }

    private static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
