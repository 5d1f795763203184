using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Networking.Daemon.Tests.Staging;

/// <summary>
/// Enters a network namespace on a thread that is thrown away. A socket opened there stays in that namespace, whoever
/// uses it later.
/// </summary>
internal static partial class NativeNamespace
{
    private const int NetworkFlag = 0x40000000; // CLONE_NEWNET

    public static T Run<T>(string path, Func<T> work)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle(path);
                if (SetNamespace(file, NetworkFlag) != 0)
                {
                    throw new IOException($"setns {path}: errno {Marshal.GetLastPInvokeError()}");
                }

                result = work();
            }
            catch (Exception e)
            {
                failure = e; // thrown again below, on the caller's thread
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw new InvalidOperationException(failure.Message, failure); // work set it
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle file, int kind);
}
