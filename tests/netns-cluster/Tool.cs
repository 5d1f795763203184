using System.Diagnostics;

namespace Networking.NetnsCluster.Tests;

/// <summary>Runs other programs.</summary>
internal static class Tool
{
    /// <summary>Of a program built with the tests.</summary>
    public static string PathOf(string project, string name)
    {
        // tests run from artifacts/bin/PROJECT/CONFIGURATION
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, name); // artifacts/bin has both
    }

    /// <summary>Runs it to its end: what it said, of a failure with the reason.</summary>
    public static async Task<string> RunAsync(string? input, params string[] words)
    {
        var (exit, output, error) = await TryAsync(input, words);
        Assert.True(exit == 0, $"{string.Join(' ', words)}: {error}{output}");
        return output;
    }

    public static async Task<(int Exit, string Out, string Error)> TryAsync(string? input, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!; // not through a shell
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
