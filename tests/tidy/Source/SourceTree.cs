using System.Text;

namespace Networking.Tidy.Tests.Source;

/// <summary>The files a rule looks at: the repository's own, or a few planted in memory.</summary>
public sealed class SourceTree
{
    private static readonly Lazy<SourceTree> LazyRepository = new(static () => Read(FindRoot()));

    public SourceTree(params IEnumerable<SourceFile> files) =>
        Files = [.. files.OrderBy(static f => f.Path, StringComparer.Ordinal)];

    /// <summary>This repository: everything tracked, and everything new that is not ignored.</summary>
    public static SourceTree Repository => LazyRepository.Value;

    public IReadOnlyList<SourceFile> Files { get; }

    public IEnumerable<SourceFile> CSharp => Files.Where(static f => f.IsCSharp);

    public IEnumerable<SourceFile> Projects => Files.Where(static f => f.IsProject);

    public SourceFile? Find(string path) => Files.FirstOrDefault(f => f.Path == path);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Networking.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Networking.sln above {AppContext.BaseDirectory}");
    }

    private static SourceTree Read(string root)
    {
        var files = new List<SourceFile>();
        foreach (var path in ListFiles(root))
        {
            var full = Path.Combine(root, path);
            if (!File.Exists(full))
            {
                continue; // deleted and not yet committed
            }

            var bytes = File.ReadAllBytes(full);
            if (bytes.AsSpan(0, Math.Min(bytes.Length, 8192)).Contains((byte)0))
            {
                continue; // not text
            }

            var isExecutable = File.GetUnixFileMode(full).HasFlag(UnixFileMode.UserExecute);
            files.Add(new SourceFile(path, Encoding.UTF8.GetString(bytes), isExecutable));
        }

        return new SourceTree(files);
    }

    private static IEnumerable<string> ListFiles(string root)
    {
        // A work tree's .git is a file, a clone's a folder; an unpacked archive has neither.
        if (Path.Exists(Path.Combine(root, ".git")))
        {
            // safe.directory: the tree may belong to another user than the one who runs the tests.
            var listed = RunProcess.Read(
                "git", ["-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
            if (listed is not null)
            {
                return listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal);
            }
        }

        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'))
            .Where(static f => !f.Split('/').Any(static part => part is ".git" or "artifacts" or "bin" or "obj"));
    }
}
