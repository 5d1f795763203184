using System.Buffers.Binary;
using System.Globalization;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// A look at the first hundred bytes before SQLite may touch the file. SQLite takes an empty or very short file for a
/// new database, and would recover the log of a database that is not ours; here both are refused.
/// </summary>
internal static class DatabaseHeader
{
    private const int HeaderBytes = 100;
    private const int PageSizeOffset = 16;
    private const int PageCountOffset = 28;
    private const int ApplicationIdOffset = 68;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    public static void Check(string path, string logPath)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var length = RandomAccess.Read(file, header, 0);
        if (length == 0)
        {
            throw Refused(path, "is empty (0 bytes): it was truncated, or is not this daemon's");
        }

        if (!Magic.StartsWith(header[..Math.Min(length, Magic.Length)]))
        {
            throw Refused(path, "is not an SQLite database");
        }

        if (length < HeaderBytes)
        {
            throw Refused(path, $"is truncated: {length} bytes are left");
        }

        var applicationId = BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdOffset..]);
        if (applicationId != Schema.ApplicationId)
        {
            throw Refused(path, string.Create(
                CultureInfo.InvariantCulture,
                $"is an SQLite database of another program (application id 0x{applicationId:x8}, "
                + $"ours is 0x{Schema.ApplicationId:x8})"));
        }

        CheckLength(path, logPath, RandomAccess.GetLength(file), header);
    }

    /// <summary>With a log beside it the file may rightly be short: the log then holds what is missing.</summary>
    private static void CheckLength(string path, string logPath, long length, ReadOnlySpan<byte> header)
    {
        var pageBytes = BinaryPrimitives.ReadUInt16BigEndian(header[PageSizeOffset..]);
        var pageCount = BinaryPrimitives.ReadUInt32BigEndian(header[PageCountOffset..]);
        var expected = pageCount * (pageBytes == 1 ? 65536L : pageBytes); // 65,536 does not fit its field.
        if (length < expected && new FileInfo(logPath) is not { Exists: true, Length: > 0 })
        {
            throw Refused(path, $"is truncated: {length} of {expected} bytes are left");
        }
    }

    private static StoreException Refused(string path, string why) =>
        new($"store {path} {why}. {StoreFailure.RestoreHint}");
}
