using Networking.Kernel;
using Networking.Netd.Configuration;
using Networking.Netlink;

namespace Networking.Netd;

/// <summary>Who may use the socket: root, and the members of a group where there is one.</summary>
internal static class SocketAccess
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Gives them the socket.</summary>
    /// <exception cref="KernelException">There is no such group, and it is not the one that packages make.</exception>
    public static void Grant(string path, string group)
    {
        // Mode first: between the two calls nobody has more access than afterwards.
        File.SetUnixFileMode(path, OwnerAndGroup);
        if (!FileGroup.TryGive(path, group) && group != DaemonOptions.DefaultSocketGroup)
        {
            throw new KernelException($"--socket-group: there is no group {group} on this host; groupadd --system {group}, or leave it out");
        }
    }
}
