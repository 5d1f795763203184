using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Networking.Store;

/// <summary>System calls on files that .NET does not offer.</summary>
internal static partial class LibC
{
    /// <summary>LOCK_EX | LOCK_NB.</summary>
    internal const int LockExclusiveNow = 2 | 4;

    /// <summary>EWOULDBLOCK: someone else holds the lock.</summary>
    internal const int WouldBlock = 11;

    /// <summary>O_CLOEXEC, with O_RDONLY: enough for fsync of a directory.</summary>
    internal const int OpenToSync = 0x8_0000;

    /// <summary>O_RDWR | O_CREAT | O_CLOEXEC.</summary>
    internal const int OpenOrCreate = 0x2 | 0x40 | 0x8_0000;

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);
}
