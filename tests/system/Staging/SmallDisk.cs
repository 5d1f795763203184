namespace Networking.Daemon.Tests.Staging;

/// <summary>A file system of one megabyte, to be filled and freed; unmounted with the stage.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Ballast => $"{_folder}/ballast";

    public static async Task<SmallDisk> MountAsync(string folder)
    {
        _ = Directory.CreateDirectory(folder);
        _ = (await Tool.RunAsync("mount", "-n", "-t", "tmpfs", "-o", "size=1m,mode=0700", "netd-small-disk", folder)).Succeeded();
        return new SmallDisk(folder);
    }

    /// <summary>Takes every page that is left.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[Environment.SystemPageSize];
        try
        {
            while (true)
            {
                ballast.Write(page);
            }
        }
        catch (IOException)
        {
            // No space left: that is what it is for.
        }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose() => _ = Tool.Start("umount", ["-n", _folder]).WaitForExit(5000);
}
