using Networking.Daemon.Tests.Staging;

namespace Networking.Upgrade.Tests;

/// <summary>The programs of the previous version, as <c>scripts/previous.sh</c> has built them from git.</summary>
internal sealed record PreviousVersion(string Netd, string Netctl)
{
    private const string Unbuilt = "needs the previous version: scripts/previous.sh builds it";

    /// <summary>
    /// Finds them; skips the test, with the reason, where they cannot be had. A build machine (<c>CI=true</c>) has the history, so
    /// there the test fails: nobody would miss it for long.
    /// </summary>
    public static PreviousVersion Require()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Networking.sln")))
        {
            folder = folder.Parent;
        }

        var place = Path.Combine(folder?.FullName ?? ".", "artifacts", "upgrade");
        var answer = File.Exists($"{place}/previous") ? File.ReadAllText($"{place}/previous").Trim() : Unbuilt;
        var isBuilt = answer.StartsWith("built ", StringComparison.Ordinal);
        Assert.True(isBuilt || Environment.GetEnvironmentVariable("CI") != "true", answer);
        Assert.SkipUnless(isBuilt, answer);
        var programs = $"{place}/{answer["built ".Length..]}/artifacts/bin";
        return new PreviousVersion($"{programs}/Networking.Netd/debug/netd", $"{programs}/Networking.Netctl/debug/netctl");
    }

    /// <summary>The next start is of this version.</summary>
    public void TakeOver(Stage stage) => (stage.Netd, stage.Netctl) = (Netd, Netctl);
}
