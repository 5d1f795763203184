namespace Networking.Netctl.Tests.Infrastructure;

/// <summary>Expected output as text files beside the tests; UPDATE_GOLDEN=1 writes them anew, to be reviewed as code.</summary>
internal static class Golden
{
    public static void Check(string name, string actual)
    {
        var path = Path.Combine(Repository(), "tests", "Netctl.Tests", "goldens", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Repository()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Networking.sln")))
        {
            directory = Path.GetDirectoryName(directory.TrimEnd('/'))
                ?? throw new InvalidOperationException("the tests do not run below the repository");
        }

        return directory;
    }
}
