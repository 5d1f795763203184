using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// One daemon per state directory: flock on its file <c>lock</c>, which carries the holder's process id for people.
/// The kernel drops the lock when the holder dies, however it dies, so a left-over file means nothing.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private DirectoryLock(SafeFileHandle file) => _file = file;

    public static DirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, "lock");
        var file = OpenFile(path);
        try
        {
            if (LibC.Flock(file, LibC.LockExclusiveNow) != 0)
            {
                throw Refused(directory, path, file, Marshal.GetLastPInvokeError());
            }

            Write(file, $"{Environment.ProcessId}\n");
            return new DirectoryLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        // The file stays: were it deleted, two daemons could each lock a file of that name.
        Write(_file, string.Empty);
        _file.Dispose();
    }

    private static SafeFileHandle OpenFile(string path)
    {
        // Not by .NET, which takes a shared flock of its own with every open: the second daemon could not even open
        // the file to read who holds it.
        var file = LibC.Open(path, LibC.OpenOrCreate, 0x180); // 0600
        if (file.IsInvalid)
        {
            file.Dispose();
            throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        return file;
    }

    private static void Write(SafeFileHandle file, string holder)
    {
        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(holder), 0);
        }
        catch (IOException)
        {
            // The process id is a help for people, no more: a daemon must be able to start on a full disk.
        }
    }

    private static StoreException Refused(string directory, string path, SafeFileHandle file, int errno)
    {
        if (errno != LibC.WouldBlock)
        {
            return new StoreException(
                $"state directory {directory}: cannot lock {path}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}). "
                + "Use a file system that supports flock, or choose another --state-dir.");
        }

        Span<byte> text = stackalloc byte[16];
        var length = RandomAccess.Read(file, text, 0);
        var holder = int.TryParse(text[..length].TrimEnd("\n"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? $"process {pid}"
            : "another process";
        return new StoreException(
            $"state directory {directory} is in use by {holder} (it holds {path}). "
            + "Stop that daemon, or give this one its own --state-dir.");
    }
}
