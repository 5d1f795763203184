using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model;

namespace Networking.Store;

/// <summary>A small file of JSON that is replaced whole, 0600: the new one is on the disk before it takes the name of the old one.</summary>
internal static class ReplacedFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What it says; null if there is none yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">How it is read.</param>
    /// <param name="format">Of a record, and the one that this build reads.</param>
    /// <param name="damaged">What to say if it makes no sense.</param>
    /// <exception cref="StoreException">It cannot be read, is damaged, or of a later netd: says which and what to do.</exception>
    public static T? Read<T>(string path, JsonTypeInfo<T> type, (Func<T, int> Of, int Now) format, Func<string, StoreException> damaged)
        where T : class
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw damaged("it is empty");
            return format.Of(record) == format.Now ? record
                : throw new StoreException($"{path}: is of format {format.Of(record)}, this netd reads {format.Now}. Start the netd that wrote it.");
        }
        catch (JsonException e)
        {
            throw damaged(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"{path}: cannot be read: {e.Message} Check its owner and mode, and the disk.", e);
        }
    }

    /// <summary>Replaces it; on the disk when this returns.</summary>
    /// <exception cref="IOException">It could not be written; the old one is as it was.</exception>
    public static void Write<T>(string path, T record, JsonTypeInfo<T> type)
    {
        var fresh = path + ".new";
        try
        {
            using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                JsonSerializer.Serialize(stream, record, type);
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
