using System.Runtime.CompilerServices;

namespace Networking.Kernel.Tests.Plan;

/// <summary>Compares text with a file of <c>goldens/</c>; <c>UPDATE_GOLDEN=1</c> writes it instead.</summary>
internal static class Golden
{
    public static void Check(string name, string text, [CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "..", "goldens", $"{name}.txt"); // a source file has a directory
        text = text.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!); // as above
            File.WriteAllText(path, text);
            return;
        }

        Assert.True(File.Exists(path), $"no golden {path}; run with UPDATE_GOLDEN=1 and read what it writes");
        Assert.Equal(File.ReadAllText(path), text);
    }
}
