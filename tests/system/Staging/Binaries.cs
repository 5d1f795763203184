namespace Networking.Daemon.Tests.Staging;

/// <summary>The programs under test: as built beside this project, or as the environment says.</summary>
internal static class Binaries
{
    public static string Netd { get; } = Find("NETD_BIN", "Networking.Netd", "netd");

    public static string Netctl { get; } = Find("NETCTL_BIN", "Networking.Netctl", "netctl");

    private static string Find(string variable, string project, string name)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
        {
            return given;
        }

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Networking.sln")))
        {
            folder = folder.Parent;
        }

        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name; // artifacts/bin/PROJECT/CONFIGURATION/
        var path = Path.Combine(folder?.FullName ?? ".", "artifacts", "bin", project, configuration, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{name} is not built; set {variable}, or dotnet build Networking.sln", path);
    }
}
