namespace Networking.Drivers.Tests;

/// <summary>
/// Compares text with a file beside the tests; UPDATE_GOLDEN=1 writes the file instead, to be reviewed as code.
/// </summary>
internal static class Golden
{
    public static void Matches(string name, string actual)
    {
        var path = Path.Combine(Root(), "tests", "Drivers.Tests", "goldens", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; run with UPDATE_GOLDEN=1 and review it");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    // Compiler-given paths are rewritten in reproducible builds, so the sources are looked for upwards from the output.
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Networking.sln")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);
        return folder.FullName;
    }
}
