using Networking.Netlink;

namespace Networking.Netd;

/// <summary>Who may use the socket: root, and the members of a group where there is one.</summary>
internal static class SocketAccess
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    public static void Grant(string path, string group)
    {
        // Mode first: between the two calls nobody has more access than afterwards.
        File.SetUnixFileMode(path, OwnerAndGroup);
        _ = FileGroup.TryGive(path, group);
    }
}
