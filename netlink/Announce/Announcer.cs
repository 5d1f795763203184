using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Placeholder.</summary>
internal static class Announcer
{
    public static KernelError? Announce(NamespaceDirectory directory, AnnounceTransition announce) => null;
}
