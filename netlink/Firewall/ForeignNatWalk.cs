using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Follows packets through the chains of one foreign table: what each rule on the way asks for adds up. Pure.</summary>
/// <param name="family">The table's family as nft writes it.</param>
/// <param name="table">The table's name.</param>
/// <param name="rules">The table's rules, by chain.</param>
/// <param name="sets">Keys of the sets that rules look into, by name.</param>
/// <param name="isFound">Which rules are looked for.</param>
internal sealed class ForeignNatWalk(
    string family,
    string table,
    ILookup<string, ForeignNatRule> rules,
    IReadOnlyDictionary<string, IReadOnlyList<ForeignNatKey>> sets,
    Predicate<ForeignNatRule> isFound)
{
    private const int DepthMax = 16; // the kernel's NFT_JUMP_STACK_SIZE
    private const int StepsMax = 65_536;
    private const int FoundMax = 4_096;

    private readonly HashSet<ForeignPortRule> _found = [];
    private int _steps;

    /// <summary>What is found from a base chain on, each once, in the order in which packets meet it.</summary>
    public IReadOnlyCollection<ForeignPortRule> From(string chain)
    {
        Walk(chain, default, 0);
        return _found;
    }

    private void Walk(string chain, ForeignNatMatch before, int depth)
    {
        foreach (var rule in rules[chain])
        {
            if (++_steps > StepsMax || _found.Count >= FoundMax)
            {
                return;
            }

            foreach (var match in MatchesOf(rule))
            {
                var all = before.Then(match);
                if (isFound(rule))
                {
                    Add(rule.Chain, all);
                }
                else if (rule.Target is { } target && depth < DepthMax)
                {
                    Walk(target, all, depth + 1);
                }
            }
        }
    }

    private void Add(string chain, ForeignNatMatch match)
    {
        if (match.Ports.IsDefault)
        {
            _ = _found.Add(new ForeignPortRule(family, table, chain, match.Protocol, null, match.Destination));
            return;
        }

        foreach (var ports in match.Ports)
        {
            _ = _found.Add(new ForeignPortRule(family, table, chain, match.Protocol, ports, match.Destination));
        }
    }

    private IEnumerable<ForeignNatMatch> MatchesOf(ForeignNatRule rule)
    {
        if (rule.Lookup is not { } lookup || !sets.TryGetValue(lookup.Set, out var keys))
        {
            return [rule.Match];
        }

        return keys.Select(key => rule.Match.Then(Read(key, lookup)));
    }

    private static ForeignNatMatch Read(ForeignNatKey key, ForeignNatLookup lookup)
    {
        var first = key.First.AsSpan();
        var last = key.Last.AsSpan();
        byte? protocol = Holds(first, lookup.ProtocolAt, 1) ? first[lookup.ProtocolAt] : null;
        ImmutableArray<PortRange> ports = default;
        if (Holds(first, lookup.PortAt, 2) && Holds(last, lookup.PortAt, 2))
        {
            var range = ForeignNatReader.RangeOf(
                BinaryPrimitives.ReadUInt16BigEndian(first[lookup.PortAt..]), BinaryPrimitives.ReadUInt16BigEndian(last[lookup.PortAt..]));
            ports = range is { } some ? [some] : [];
        }

        // Of a range of addresses none is told: it may be all.
        IPNetwork? destination = null;
        if (Holds(first, lookup.DestinationAt, lookup.DestinationBytes) && Holds(last, lookup.DestinationAt, lookup.DestinationBytes)
            && first.Slice(lookup.DestinationAt, lookup.DestinationBytes).SequenceEqual(last.Slice(lookup.DestinationAt, lookup.DestinationBytes)))
        {
            destination = new IPNetwork(
                new IPAddress(first.Slice(lookup.DestinationAt, lookup.DestinationBytes)), 8 * lookup.DestinationBytes);
        }

        return new ForeignNatMatch(protocol, ports, destination);
    }

    private static bool Holds(ReadOnlySpan<byte> key, int at, int length) => at >= 0 && at + length <= key.Length;
}

/// <summary>A key of a set: both corners of what it holds, the same for a single value.</summary>
internal sealed record ForeignNatKey(byte[] First, byte[] Last);
