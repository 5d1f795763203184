using System.Text.RegularExpressions;
using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>Packages are few, pinned in one place, and locked.</summary>
internal static partial class PackageRules
{
    private const string Central = "Directory.Packages.props";

    public static IEnumerable<TidyRule> All => [ExactPins, VersionsInOnePlace, LockFiles, SummariesAreDemanded];

    private static TidyRule ExactPins => new("Central package versions are exact numbers", static tree =>
        tree.Find(Central) is not { } central
            ? [new Finding(Central, 1, "missing: package versions are held in one place")]
            : PackageVersion().Matches(central.Text)
                .Where(static m => !Exact().IsMatch(m.Groups["version"].Value))
                .Select(m => new Finding(Central, central.LineOf(m.Index), $"'{m.Groups["version"].Value}' floats; write one number, as 3.2.2")))
    {
        Plants =
        [
            Plant.One(Central, "<PackageVersion Include=\"xunit.v3\" Version=\"3.*\" />"),
            Plant.One(Central, "<GlobalPackageReference Include=\"A\" Version=\"[1.0,2.0)\" />"),
            Plant.One("other.props", string.Empty),
        ],
        Harmless = [Plant.One(Central, "<PackageVersion Include=\"A\" Version=\"1.2.3-rc.1\" />")],
    };

    private static TidyRule VersionsInOnePlace => new("Projects name packages without versions", static tree =>
        tree.Projects.SelectMany(static p => Search.InText(p, VersionInProject(), $"versions stand in {Central} alone")))
    {
        Plants =
        [
            Plant.One("netd/A.csproj", "<PackageReference Include=\"A\" Version=\"1.0.0\" />"),
            Plant.One("netd/A.csproj", "<PackageReference Include=\"A\" VersionOverride=\"1.0.0\" />"),
        ],
        Harmless = [Plant.One("netd/A.csproj", "<PackageReference Include=\"A\" />")],
    };

    private static TidyRule LockFiles => new("Every project has its lock file", static tree =>
        tree.Projects.Select(static p => p.Path[..(p.Path.LastIndexOf('/') + 1)] + "packages.lock.json")
            .Where(path => tree.Find(path) is null)
            .Select(static path => new Finding(path, 1, "missing: run dotnet restore and commit it, so that everybody builds the same")))
    {
        Plants = [Plant.One("netd/A.csproj", "<Project />")],
        Harmless = [Plant.Many(("netd/A.csproj", "<Project />"), ("netd/packages.lock.json", "{}"))],
    };

    private static TidyRule SummariesAreDemanded => new("No room silences CS1591: public types have a summary", static tree =>
        tree.Files.Where(static f => f.Name == ".editorconfig" || Rooms.Find(f.Room) is not null)
            .SelectMany(static f => Search.InText(f, Undocumented(), "write the sentence instead")))
    {
        Plants =
        [
            Plant.One("netd/A.csproj", "<NoWarn>$(NoWarn);CS1591</NoWarn>"),
            Plant.One("kernel/A.cs", "#pragma warning disable CS1591"),
            Plant.One(".editorconfig", "dotnet_diagnostic.CS1591.severity = none"),
        ],
        Harmless = [Plant.One("Directory.Build.props", "<!-- tests --><NoWarn>$(NoWarn);CS1591</NoWarn>")],
    };

    [GeneratedRegex("<(?:PackageVersion|GlobalPackageReference)\\s[^>]*\\bVersion=\"(?<version>[^\"]*)\"")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"^\d+(?:\.\d+){1,3}(?:-[0-9A-Za-z.-]+)?$")]
    private static partial Regex Exact();

    [GeneratedRegex("<PackageReference\\s[^>]*\\bVersion(?:Override)?=\"[^\"]*\"")]
    private static partial Regex VersionInProject();

    [GeneratedRegex(@"\bCS1591\b")]
    private static partial Regex Undocumented();
}
