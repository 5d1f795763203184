using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// One daemon per directory: flock on a file in it, which carries the holder's process id for people.
/// The kernel drops the lock when the holder dies, however it dies, so a left-over file means nothing.
/// </summary>
public sealed class DirectoryLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private DirectoryLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock of a directory that is there.</summary>
    /// <param name="directory">Which.</param>
    /// <param name="file">Name of the file in it.</param>
    /// <param name="what">What the directory is, for messages, such as <c>state directory</c>.</param>
    /// <param name="flag">The flag that says where it is.</param>
    /// <exception cref="StoreException">Another process has it, which the message names, or it cannot be locked.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static DirectoryLock Take(string directory, string file, string what, string flag)
    {
        var path = Path.Combine(directory, file);
        var handle = OpenFile(path);
        try
        {
            if (LibC.Flock(handle, LibC.LockExclusiveNow) != 0)
            {
                throw Refused($"{what} {directory}", flag, path, handle, Marshal.GetLastPInvokeError());
            }

            Write(handle, $"{Environment.ProcessId}\n");
            return new DirectoryLock(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
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

    private static StoreException Refused(string directory, string flag, string path, SafeFileHandle file, int errno)
    {
        if (errno != LibC.WouldBlock)
        {
            return new StoreException(
                $"{directory}: cannot lock {path}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}). "
                + $"Use a file system that supports flock, or choose another {flag}.");
        }

        Span<byte> text = stackalloc byte[16];
        var length = RandomAccess.Read(file, text, 0);
        var holder = int.TryParse(text[..length].TrimEnd("\n"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? $"process {pid}"
            : "another process";
        return new StoreException(
            $"{directory} is in use by {holder} (it holds {path}). "
            + $"Stop that daemon, or give this one its own {flag}.");
    }
}
