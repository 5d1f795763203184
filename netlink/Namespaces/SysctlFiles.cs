using System.Collections.Immutable;
using System.Text;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Values below /proc/sys/net, which show and set those of the thread's own namespace. Raw calls only inside.</summary>
internal static unsafe class SysctlFiles
{
    private const int ValueBytesMax = 4096;

    /// <summary>The error of a path that may not be written; null if it may.</summary>
    public static string? WhyNotAllowed(string path)
    {
        if (!path.StartsWith("net/", StringComparison.Ordinal))
        {
            return "only values below /proc/sys/net belong to a network namespace";
        }

        foreach (var part in path.Split('/'))
        {
            if (part is "" or "." or ".." || part.Contains('\0', StringComparison.Ordinal))
            {
                return "the path has an empty, '.' or '..' part";
            }
        }

        return null;
    }

    /// <summary>Reads the values that exist; everything is prepared before, so that only system calls happen inside.</summary>
    public static ImmutableSortedDictionary<string, string> Read(ImmutableArray<string> paths, Action<Action> inside)
    {
        var files = paths.Where(static path => WhyNotAllowed(path) is null).Distinct(StringComparer.Ordinal).ToArray();
        var names = Array.ConvertAll(files, static path => SystemCalls.Terminated("/proc/sys/" + path));
        var lengths = new int[files.Length];
        var buffers = Array.ConvertAll(files, static _ => new byte[ValueBytesMax]);
        if (files.Length > 0)
        {
            inside(() => ReadAll(names, buffers, lengths));
        }

        // The default comparer, so that records holding the result compare by content.
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>();
        for (var i = 0; i < files.Length; i++)
        {
            if (lengths[i] >= 0)
            {
                values.Add(files[i], Encoding.UTF8.GetString(buffers[i], 0, lengths[i]).TrimEnd('\n'));
            }
        }

        return values.ToImmutable();
    }

    /// <summary>Writes a value in one call, as the kernel wants it; 0 or an errno. Raw calls only.</summary>
    public static int Write(ReadOnlySpan<byte> terminatedPath, ReadOnlySpan<byte> value)
    {
        var fd = SystemCalls.TryOpen(terminatedPath, SystemCalls.WriteOnly);
        if (fd < 0)
        {
            return -fd;
        }

        nint written;
        fixed (byte* start = value)
        {
            do
            {
                written = Libc.write(fd, start, (nuint)value.Length);
            }
            while (written < 0 && Errno.Last == Errno.Interrupted);
        }

        var errno = written < 0 ? Errno.Last : written == value.Length ? 0 : Errno.Invalid;
        _ = Libc.close(fd);
        return errno;
    }

    /// <summary>Does the operations of a sysctl lane.</summary>
    public static OperationResult[] Apply(ImmutableArray<KernelOperation> operations, Action<Action> inside)
    {
        var results = new OperationResult[operations.Length];
        var writes = new List<PendingWrite>();
        for (var i = 0; i < operations.Length; i++)
        {
            var sysctl = (SysctlState)operations[i].Target;
            var isDeletion = operations[i].Verb == OperationVerb.Delete;
            var value = isDeletion ? sysctl.Original : sysctl.Value;
            if (WhyNotAllowed(sysctl.Path) is { } why)
            {
                results[i] = new OperationResult(SystemCalls.ErrorOf(Errno.NotPermitted, OperationText.Of(operations[i]), why));
            }
            else if (value is not null)
            {
                writes.Add(new PendingWrite(i, SystemCalls.Terminated("/proc/sys/" + sysctl.Path), Encoding.UTF8.GetBytes(value)));
            }
        }

        var errnos = new int[writes.Count];
        inside(() =>
        {
            for (var i = 0; i < errnos.Length; i++)
            {
                errnos[i] = Write(writes[i].Path, writes[i].Value);
            }
        });
        for (var i = 0; i < errnos.Length; i++)
        {
            var operation = operations[writes[i].Operation];
            var mayBeMissing = operation.Verb == OperationVerb.Delete || ((SysctlState)operation.Target).MayBeMissing;
            var isDone = errnos[i] == 0 || (mayBeMissing && Errno.IsAbsence(errnos[i]));
            results[writes[i].Operation] = isDone
                ? OperationResult.Done
                : new OperationResult(SystemCalls.ErrorOf(errnos[i], OperationText.Of(operation)));
        }

        return results;
    }

    private static void ReadAll(byte[][] names, byte[][] buffers, int[] lengths)
    {
        for (var i = 0; i < names.Length; i++)
        {
            lengths[i] = Read(names[i], buffers[i]);
        }
    }

    private static int Read(ReadOnlySpan<byte> terminatedPath, Span<byte> buffer)
    {
        var fd = SystemCalls.TryOpen(terminatedPath, SystemCalls.ReadOnly);
        if (fd < 0)
        {
            return fd;
        }

        nint length;
        fixed (byte* start = buffer)
        {
            do
            {
                length = Libc.read(fd, start, (nuint)buffer.Length);
            }
            while (length < 0 && Errno.Last == Errno.Interrupted);
        }

        var result = length < 0 ? -Errno.Last : (int)length;
        _ = Libc.close(fd);
        return result;
    }

    private sealed record PendingWrite(int Operation, byte[] Path, byte[] Value);
}
