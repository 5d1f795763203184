namespace Networking.Bench;

/// <summary>Where the repository is: above the program, which its build has put under artifacts.</summary>
internal static class Repository
{
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Networking.sln")))
            {
                return folder.FullName;
            }
        }

        throw new CommandException("the repository is not above this program; start it by ./bench.sh");
    }
}
