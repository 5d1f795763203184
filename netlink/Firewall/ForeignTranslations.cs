using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// What others translate on the host, read again only after somebody else has changed a table: a host with thousands of rules of
/// others would else pay for all of them with every port that is published.
/// </summary>
/// <param name="directory">Ways to the host.</param>
/// <param name="foreignCommits">How often others have changed the firewall; null if that cannot be seen, so that nothing is kept.</param>
internal sealed class ForeignTranslations(NamespaceDirectory directory, Func<CancellationToken, Task<long?>> foreignCommits)
{
    private Known? _known;

    /// <summary>The translations as of the last change that was seen.</summary>
    /// <exception cref="KernelException">They could not be read.</exception>
    public async Task<ImmutableArray<ForeignPortRule>> ReadAsync(CancellationToken cancellationToken)
    {
        var commits = await foreignCommits(cancellationToken); // before reading: what changes meanwhile makes the number old
        if (commits is { } now && Volatile.Read(ref _known) is { } known && known.Commits == now)
        {
            return known.Translations;
        }

        var read = await directory.Lanes.RunAsync(NetNs.Host, Lane.Firewall, Read, cancellationToken);
        if (commits is { } before)
        {
            Volatile.Write(ref _known, new Known(before, read));
        }

        return read;
    }

    private ImmutableArray<ForeignPortRule> Read()
    {
        using var transport = new SocketFirewallTransport(NetNs.Host, directory.OpenSocket(NetNs.Host, NetlinkProtocol.Netfilter));
        return [.. transport.ReadForeignTranslations()];
    }

    private sealed record Known(long Commits, ImmutableArray<ForeignPortRule> Translations);
}
