namespace Networking.Netctl.Exec;

/// <summary>
/// Finds a program in PATH as a shell does. Left to itself, .NET looks in the current directory first, and this is
/// often run by root in a directory of somebody else.
/// </summary>
internal static class ExecutablePath
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static string? Find(string name, string? path) =>
        (path ?? string.Empty).Split(':')
            .Where(Path.IsPathRooted)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(file => File.Exists(file) && (File.GetUnixFileMode(file) & AnyExecute) != UnixFileMode.None);
}
