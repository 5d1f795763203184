using System.Globalization;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Gives a file to a group by name (chown(2)): .NET has no call for it.</summary>
public static class FileGroup
{
    private const uint Unchanged = uint.MaxValue; // chown's -1

    /// <summary>Gives the file to the group.</summary>
    /// <returns>False if there is no such group on this host; the file is left as it is then.</returns>
    /// <exception cref="KernelException">chown was refused.</exception>
    public static unsafe bool TryGive(string path, string group)
    {
        if (NumberOf(group) is not { } number)
        {
            return false;
        }

        fixed (byte* name = SystemCalls.Terminated(path))
        {
            return Libc.chown(name, Unchanged, number) == 0
                ? true
                : throw SystemCalls.Refused(Errno.Last, $"give {path} to group {group}");
        }
    }

    // group(5): name:password:number:members.
    private static uint? NumberOf(string group)
    {
        try
        {
            foreach (var line in File.ReadLines("/etc/group"))
            {
                var fields = line.Split(':');
                if (fields.Length > 2 && fields[0] == group && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return number;
                }
            }
        }
        catch (IOException)
        {
            // A host without the file has no groups by name.
        }

        return null;
    }
}
