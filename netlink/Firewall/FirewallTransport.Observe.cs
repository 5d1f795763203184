using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <content>
/// Reading. A table is read by several dumps, which are one picture only if no transaction came in between: the
/// generation id is the same before and after, and no dump was interrupted.
/// </content>
public sealed partial class FirewallTransport
{
    private const int AttemptsMax = 20;

    private delegate void MessageHandler(scoped AttributeReader attributes);

    private enum DumpEnd
    {
        Complete,
        Absent,
        Interrupted,
    }

    /// <summary>
    /// Reads one table of ours with all that is in it, nothing if it is not there; and our rules in chains of others, if
    /// there may be any.
    /// </summary>
    /// <param name="ns">The namespace that the objects are said to be in.</param>
    /// <param name="table">The table's name, family inet.</param>
    /// <param name="wanted">Rules in foreign chains that somebody wants.</param>
    /// <exception cref="KernelException">A dump was refused, or transactions came between again and again
    /// (EINTR).</exception>
    public IEnumerable<KernelObject> Observe(NetNs ns, string table, IReadOnlyCollection<ForeignAdmissionState>? wanted = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var generation = ReadGeneration();
            if (TryRead(ns, table) is { } objects && (!ns.IsHost || TryReadAdmissions(ns, wanted ?? [], objects)) && ReadGeneration() == generation)
            {
                return objects;
            }
        }

        throw new KernelException(FirewallErrno.ToError(
            FirewallErrno.Interrupted, $"read table inet {table}", $"it was changed during each of {AttemptsMax} attempts"));
    }

    /// <summary>Whether a table stands, whatever is in it.</summary>
    /// <param name="table">The table's name, family inet.</param>
    /// <exception cref="KernelException">The question was refused.</exception>
    public bool HasTable(string table) => Dump(FirewallMessageType.GetTable, NetlinkFlags.Ack, table, null, static _ => { }) != DumpEnd.Absent;

    private List<KernelObject>? TryRead(NetNs ns, string table)
    {
        var objects = new List<KernelObject>();
        var end = Dump(FirewallMessageType.GetTable, NetlinkFlags.Ack, table, null, _ => objects.Add(
            new FirewallTableState { Namespace = ns, Name = table }));
        if (end == DumpEnd.Interrupted)
        {
            return null;
        }

        _codec.ForgetShapes();
        if (end == DumpEnd.Absent)
        {
            return objects;
        }

        var sets = new List<FirewallSetState>();
        end = Dump(FirewallMessageType.GetSet, NetlinkFlags.Dump, table, null, attributes =>
        {
            if (FirewallObjectReader.ReadSet(ns, attributes) is { } set && set.Table == table)
            {
                sets.Add(set);
                _codec.RememberShape(set);
            }
        });
        if (end != DumpEnd.Complete)
        {
            return null;
        }

        objects.AddRange(sets);
        return TryReadChains(ns, table, objects) && sets.TrueForAll(set => TryReadElements(set, objects)) ? objects : null;
    }

    private bool TryReadChains(NetNs ns, string table, List<KernelObject> objects)
    {
        // The kernel cannot be asked for the chains of one table.
        var chains = new List<FirewallChainState>();
        var end = Dump(FirewallMessageType.GetChain, NetlinkFlags.Dump, null, null, attributes =>
        {
            var chain = FirewallObjectReader.ReadChain(ns, attributes);
            if (chain.Table == table)
            {
                chains.Add(chain);
            }
        });
        if (end != DumpEnd.Complete)
        {
            return false;
        }

        // Rules come chain by chain, in the order in which packets meet them.
        var rules = new Dictionary<string, ImmutableArray<FirewallRule>.Builder>();
        end = Dump(FirewallMessageType.GetRule, NetlinkFlags.Dump, table, null, attributes =>
        {
            if (FirewallObjectReader.ReadTable(attributes) != table)
            {
                return;
            }

            var (chain, rule) = FirewallObjectReader.ReadRule(attributes);
            if (!rules.TryGetValue(chain, out var list))
            {
                rules.Add(chain, list = ImmutableArray.CreateBuilder<FirewallRule>());
            }

            list.Add(rule);
        });
        objects.AddRange(chains.Select(chain =>
            rules.TryGetValue(chain.Name, out var list) ? chain with { Rules = list.ToImmutable() } : chain));
        return end == DumpEnd.Complete;
    }

    private bool TryReadElements(FirewallSetState set, List<KernelObject> objects)
    {
        var reader = new FirewallElementReader(set);
        var end = Dump(FirewallMessageType.GetSetElement, NetlinkFlags.Dump, set.Table, set.Name, reader.Add);
        FirewallElementState[] elements = [.. reader.Elements()];
        objects.AddRange(elements);

        // A hash that grew meanwhile starts anew: it tells some elements twice, perhaps others never, and no flag says so.
        return end == DumpEnd.Complete && elements.Select(static e => e.Key).Distinct().Count() == elements.Length;
    }

    private uint ReadGeneration()
    {
        uint? generation = null;
        Dump(FirewallMessageType.GetGeneration, NetlinkFlags.Ack, null, null, attributes =>
            generation = FirewallCommitted.Read(0, attributes).GenerationId);
        return generation ?? throw new KernelException("cannot read the generation of nf_tables: the kernel gave none");
    }

    private DumpEnd Dump(
        FirewallMessageType type,
        NetlinkFlags flags,
        string? table,
        string? inside,
        MessageHandler handle,
        byte family = FirewallWire.FamilyInet)
    {
        var sequence = _sequence++;
        SendRequest(type, flags, sequence, family, table, inside);
        var isInterrupted = false;
        while (true)
        {
            try
            {
                if (ReadDump(sequence, type, Receive(), handle, ref isInterrupted) is { } end)
                {
                    return end == DumpEnd.Complete && isInterrupted ? DumpEnd.Interrupted : end;
                }
            }
            catch (KernelException lost) when (lost.Error?.Errno == FirewallErrno.NoBuffers)
            {
                // The kernel goes on with the dump as the queue empties; what it holds has a hole.
                isInterrupted = true;
            }
            catch (KernelException empty) when (isInterrupted && empty.Error?.Errno == FirewallErrno.Again)
            {
                return DumpEnd.Interrupted;
            }
            catch (WireFormatException malformed)
            {
                throw new KernelException(FirewallErrno.ToError(FirewallErrno.BadMessage, $"dump nf_tables ({type})", malformed.Message));
            }
        }
    }

    // Table is attribute 1 of every request that has one; set or chain is attribute 2.
    private void SendRequest(FirewallMessageType type, NetlinkFlags flags, uint sequence, byte family, string? table, string? inside)
    {
        var writer = new NetlinkWriter(_buffer);
        var message = writer.BeginMessage(FirewallWire.TypeOf(type), NetlinkFlags.Request | flags, sequence);
        writer.PutHeader(new NetfilterHeader(family, 0));
        if (table is not null)
        {
            writer.PutString((ushort)FirewallElementListAttribute.Table, table);
        }

        if (inside is not null)
        {
            writer.PutString((ushort)FirewallElementListAttribute.Set, inside);
        }

        writer.EndMessage(message);
        _channel.Send(writer.Written);
    }

    private DumpEnd? ReadDump(
        uint sequence, FirewallMessageType asked, ReadOnlySpan<byte> datagram, MessageHandler handle, ref bool isInterrupted)
    {
        var messages = new FirewallMessageReader(datagram);
        while (messages.MoveNext())
        {
            if (messages.Sequence != sequence || messages.PortId != _channel.PortId)
            {
                continue;
            }

            isInterrupted |= messages.Type != FirewallWire.MessageError
                && messages.Flags.HasFlag(NetlinkFlags.DumpInterrupted);
            switch (messages.Type)
            {
                case FirewallWire.MessageError or FirewallWire.MessageDone:
                    return EndOf(FirewallAcknowledgement.Read(messages), asked);
                case FirewallWire.MessageOverrun:
                    isInterrupted = true;
                    break;
                default:
                    if (messages.FirewallType is not null)
                    {
                        handle(messages.Attributes);
                    }

                    break;
            }
        }

        return null;
    }

    private static DumpEnd EndOf(FirewallAcknowledgement answer, FirewallMessageType asked) => answer.Errno switch
    {
        0 => DumpEnd.Complete,
        // Asked for by name: the table is not there. Inside the table: a set went while we were reading.
        FirewallErrno.NoEntry => asked == FirewallMessageType.GetTable ? DumpEnd.Absent : DumpEnd.Interrupted,
        FirewallErrno.Interrupted or FirewallErrno.Again => DumpEnd.Interrupted,
        _ => throw new KernelException(
            FirewallErrno.ToError(answer.Errno, $"dump nf_tables ({asked})", answer.Text, answer.Offset)),
    };
}
