using System.Net;
using System.Security.Cryptography;
using System.Text;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// The resolv.conf of each sandbox of ours. It follows the host's for all but the servers, until somebody edits it: the digest
/// beside it tells, and then it is his.
/// </summary>
internal sealed class ResolverFiles(string directory, string hostFile)
{
    private const string DigestSuffix = ".hash";

    /// <summary>Where the file of a sandbox is.</summary>
    public string PathOf(SandboxId id) => Path.Combine(directory, id.Short, "resolv.conf");

    /// <summary>Writes the file of a sandbox, unless it was edited. An error is the caller's to tell.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(SandboxRecord sandbox, IPAddress resolver)
    {
        var path = PathOf(sandbox.Id);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!); // it has one
        if (File.Exists(path) && (!File.Exists(path + DigestSuffix) || File.ReadAllText(path + DigestSuffix) != DigestOf(File.ReadAllText(path))))
        {
            return;
        }

        var text = Compose(sandbox.Name, resolver, File.Exists(hostFile) ? File.ReadAllLines(hostFile) : []);
        File.WriteAllText(path, text); // in place: it may be mounted somewhere
        File.WriteAllText(path + DigestSuffix, DigestOf(text));
    }

    /// <summary>Removes the files of a sandbox, if there are any.</summary>
    public void Remove(SandboxId id)
    {
        var path = Path.GetDirectoryName(PathOf(id))!; // it has one
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

    /// <summary>The text of a file: our server, and the host's search list and options. Names of ours have no dot, so one asked as it is may stand alone.</summary>
    internal static string Compose(string sandbox, IPAddress resolver, string[] host)
    {
        var words = host.Select(static l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(static w => w.Length > 1).ToArray();
        var search = words.LastOrDefault(static w => w[0] is "search" or "domain")?.Skip(1) ?? [];
        var options = words.Where(static w => w[0] == "options").SelectMany(static w => w.Skip(1)).ToList();
        if (!options.Exists(static o => o.StartsWith("ndots:", StringComparison.Ordinal)))
        {
            options.Add("ndots:0");
        }

        var servers = words.Where(static w => w[0] == "nameserver").Select(static w => w[1]);
        var text = new StringBuilder()
            .Append($"# Written by netd for sandbox {sandbox}. Once it is edited, netd leaves it alone.\n")
            .Append($"nameserver {resolver}\n");
        _ = search.Any() ? text.Append($"search {string.Join(' ', search)}\n") : text;
        return text.Append($"options {string.Join(' ', options)}\n")
            .Append($"# netd asks for what it does not know: {string.Join(' ', servers.DefaultIfEmpty("nobody, the host has no server"))}\n")
            .ToString();
    }

    private static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
