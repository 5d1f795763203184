using System.Runtime.InteropServices;

namespace Networking.Store;

/// <summary>A small file that is replaced whole, 0600: the new one is on the disk before it takes the name of the old one.</summary>
internal static class ReplacedFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It could not be written; the old one is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var fresh = path + ".new";
        try
        {
            using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.SetUnixFileMode(fresh, OwnerOnly); // one that was there already
            File.Move(fresh, path, overwrite: true);
            SyncDirectory(Path.GetDirectoryName(path)!); // a file has a folder
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: {e.Message}", e);
        }
    }

    private static void SyncDirectory(string path)
    {
        using var directory = LibC.Open(path, LibC.OpenToSync, 0);
        if (directory.IsInvalid || LibC.Sync(directory) != 0)
        {
            throw new IOException($"fsync of {path}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }
}
