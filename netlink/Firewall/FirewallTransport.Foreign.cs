using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <content>Reading what others do to forwarded packets.</content>
public sealed partial class FirewallTransport
{
    private const string UserChain = "DOCKER-USER"; // dockerd makes it, and jumps to it before its own rules
    private const string JumpToUsers = "jump " + UserChain;
    private const string DropPolicy = "policy 0"; // NF_DROP, as FirewallObjectReader shows it
    private const uint OwnedTable = 2; // NFT_TABLE_F_OWNER
    private const int ForeignChainsMax = 64;

    private static readonly (byte Number, string Name)[] Families =
        [(FirewallWire.FamilyInet, "inet"), (FirewallWire.FamilyIpv4, "ip"), (FirewallWire.FamilyIpv6, "ip6")];

    /// <summary>
    /// Base chains on the forward hook that are not of our table and drop what nothing accepts, at most sixty-four.
    /// </summary>
    /// <exception cref="KernelException">A dump was refused, or changes came between again and again (EINTR).</exception>
    public IReadOnlyList<ForeignDrop> ReadForeignForwardDrops() =>
        Attempt("read the forward chains of others", () => TryReadDrops(FirewallHook.Forward));

    /// <summary>The same of the input hook: chains that see packets to the host itself.</summary>
    /// <exception cref="KernelException">A dump was refused, or changes came between again and again (EINTR).</exception>
    public IReadOnlyList<ForeignDrop> ReadForeignInputDrops() =>
        Attempt("read the input chains of others", () => TryReadDrops(FirewallHook.Input));

    /// <summary>Base chains on the forward hook that are not of our table.</summary>
    /// <exception cref="KernelException">A dump was refused, or changes came between again and again (EINTR).</exception>
    internal IReadOnlyList<(byte Family, string Table, string Chain)> ReadForeignForwardChains() =>
        Attempt("list the forward chains of others", () =>
        {
            var chains = new List<(byte Family, string Table, string Chain)>();
            return TryReadForeignChains((family, _, chain) =>
            {
                if (chain.Base is { Hook: FirewallHook.Forward })
                {
                    chains.Add((family, chain.Table, chain.Name));
                }
            }) ? chains : null;
        });

    /// <summary>Names of all chains that are not of our table.</summary>
    /// <exception cref="KernelException">A dump was refused, or changes came between again and again (EINTR).</exception>
    internal IReadOnlyCollection<string> ReadChainNames() => Attempt("list the chains of others", () =>
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return TryReadForeignChains((_, _, chain) => names.Add(chain.Name)) ? names : null;
    });

    private static bool IsOurs(byte family, string table) =>
        family == FirewallWire.FamilyInet && table == Ownership.FirewallTable;

    private static T Attempt<T>(string operation, Func<T?> read)
        where T : class
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (read() is { } found)
            {
                return found;
            }
        }

        throw new KernelException(FirewallErrno.ToError(
            FirewallErrno.Interrupted, operation, $"they were changed during each of {AttemptsMax} attempts"));
    }

    private bool TryReadForeignChains(Action<byte, string, FirewallChainState> take)
    {
        foreach (var (number, name) in Families)
        {
            var end = Dump(
                FirewallMessageType.GetChain,
                NetlinkFlags.Dump,
                null,
                null,
                attributes =>
                {
                    var chain = FirewallObjectReader.ReadChain(NetNs.Host, attributes);
                    if (!IsOurs(number, chain.Table))
                    {
                        take(number, name, chain);
                    }
                },
                number);
            if (end != DumpEnd.Complete)
            {
                return false;
            }
        }

        return true;
    }

    // Rules of a table, or of one chain of it: a kernel that does not know the filter tells those of all tables.
    private bool TryReadRulesOf(byte family, string table, string? chain, MessageHandler take) =>
        Dump(
            FirewallMessageType.GetRule,
            NetlinkFlags.Dump,
            table,
            chain,
            attributes =>
            {
                if (FirewallObjectReader.ReadTable(attributes) == table)
                {
                    take(attributes);
                }
            },
            family) == DumpEnd.Complete;

    private List<ForeignDrop>? TryReadDrops(FirewallHook hook)
    {
        var chains = new List<(byte Family, string FamilyName, FirewallChainState State)>();
        var ufw = new HashSet<(byte Family, string Table)>();
        var isComplete = TryReadForeignChains((family, name, chain) =>
        {
            if (chain.Base is { Type: var type } && chain.Base.Hook == hook && chains.Count < ForeignChainsMax
                && type.StartsWith("filter", StringComparison.Ordinal))
            {
                chains.Add((family, name, chain));
            }

            if (chain.Name is "ufw-before-forward" or "ufw6-before-forward")
            {
                _ = ufw.Add((family, chain.Table));
            }
        });
        if (!isComplete || ReadOwnedTables() is not { } owned)
        {
            return null;
        }

        var drops = new List<ForeignDrop>();
        foreach (var (family, name, chain) in chains)
        {
            var end = Ending(family, chain, out var ending);
            if (end != DumpEnd.Complete)
            {
                return null;
            }

            if (ending.DropsRest)
            {
                var isUfw = ufw.Contains((family, chain.Table));
                drops.Add(hook == FirewallHook.Input
                    ? new ForeignDrop(name, chain.Table, chain.Name, null, ForeignRemedies.ForInput(name, chain.Table, chain.Name, isUfw))
                    : ForwardDrop(name, chain, ending, owned.Contains((family, chain.Table)), isUfw));
            }
        }

        return drops;
    }

    private static ForeignDrop ForwardDrop(string family, FirewallChainState chain, ChainEnding ending, bool isOwned, bool isUfw)
    {
        // firewalld makes its whole table anew whenever something changes: what others put there is lost.
        var isClosed = isOwned || chain.Table == ForeignRemedies.Firewalld;
        var place = isClosed ? null : ending.JumpsToUsers ? UserChain : chain.Name;
        return new ForeignDrop(family, chain.Table, chain.Name, place, ForeignRemedies.For(family, chain.Table, place ?? chain.Name, isUfw))
        {
            AcceptsTranslated = ending.AcceptsTranslated,
            InwardRemedy = ForeignRemedies.Inward(chain.Table),
        };
    }

    private DumpEnd Ending(byte family, FirewallChainState chain, out ChainEnding ending)
    {
        var (isLastDrop, hasUsers, acceptsTranslated) = (false, false, false);
        var end = Dump(
            FirewallMessageType.GetRule,
            NetlinkFlags.Dump,
            chain.Table,
            chain.Name,
            attributes =>
            {
                while (attributes.MoveNext())
                {
                    if (attributes.Type == (ushort)FirewallRuleAttribute.Expressions)
                    {
                        isLastDrop = FirewallVerdictReader.DropsEverything(new FirewallExpressionReader(attributes.Nested()));
                        hasUsers |= FirewallVerdictReader.VerdictOf(new FirewallExpressionReader(attributes.Nested())) == JumpToUsers;
                        acceptsTranslated |= FirewallVerdictReader.AcceptsTranslated(new FirewallExpressionReader(attributes.Nested()));
                    }
                }
            },
            family);
        var dropsRest = isLastDrop || chain.Base!.Type.Contains(DropPolicy, StringComparison.Ordinal); // asked for base chains only
        ending = new ChainEnding(dropsRest, hasUsers, acceptsTranslated);
        return end;
    }

    private HashSet<(byte Family, string Table)>? ReadOwnedTables()
    {
        var owned = new HashSet<(byte Family, string Table)>();
        foreach (var (family, _) in Families)
        {
            var end = Dump(
                FirewallMessageType.GetTable,
                NetlinkFlags.Dump,
                null,
                null,
                attributes =>
                {
                    var (name, flags) = (string.Empty, 0u);
                    while (attributes.MoveNext())
                    {
                        if (attributes.Type == (ushort)FirewallTableAttribute.Name)
                        {
                            name = attributes.GetString();
                        }
                        else if (attributes.Type == (ushort)FirewallTableAttribute.Flags)
                        {
                            flags = attributes.GetUInt32BigEndian();
                        }
                    }

                    if ((flags & OwnedTable) != 0)
                    {
                        _ = owned.Add((family, name));
                    }
                },
                family);
            if (end != DumpEnd.Complete)
            {
                return null;
            }
        }

        return owned;
    }

    /// <summary>What becomes of packets in a base chain of others.</summary>
    /// <param name="DropsRest">What no rule accepts is dropped in the end.</param>
    /// <param name="JumpsToUsers">Users have a chain before that.</param>
    /// <param name="AcceptsTranslated">What had its destination translated is accepted.</param>
    private readonly record struct ChainEnding(bool DropsRest, bool JumpsToUsers, bool AcceptsTranslated);
}
