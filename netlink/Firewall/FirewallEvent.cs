namespace Networking.Netlink;

/// <summary>What the kernel tells the group NFNLGRP_NFTABLES about a committed transaction. A closed union.</summary>
/// <param name="PortId">Port id of the socket that did it: ours tells our own echo.</param>
public abstract record FirewallEvent(uint PortId)
{
    /// <summary>Number of the multicast group, NFNLGRP_NFTABLES.</summary>
    public const int MulticastGroup = 7;

    /// <summary>
    /// Reads a datagram of the group into the events of its messages; messages of other kinds are passed over.
    /// </summary>
    /// <exception cref="WireFormatException">The bytes are not netlink's.</exception>
    public static void Read(ReadOnlySpan<byte> datagram, ICollection<FirewallEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var messages = new FirewallMessageReader(datagram);
        while (messages.MoveNext())
        {
            switch (messages.FirewallType)
            {
                case null or FirewallMessageType.GetGeneration:
                    break;
                case FirewallMessageType.NewGeneration:
                    events.Add(FirewallCommitted.Read(messages.PortId, messages.Attributes));
                    break;
                case { } type when FirewallObjectReader.ReadTable(messages.Attributes) is { } table:
                    events.Add(new FirewallTouched(messages.PortId, messages.Family, table, type));
                    break;
                default:
                    break;
            }
        }
    }
}

/// <summary>
/// An object of a table came, changed or went. Those of one transaction stand before its <see
/// cref="FirewallCommitted"/>.
/// </summary>
/// <param name="PortId">Port id of the socket that did it.</param>
/// <param name="Family">Family of the table (NFPROTO_*); ours is inet, 1.</param>
/// <param name="Table">Its name.</param>
/// <param name="Type">What happened.</param>
public sealed record FirewallTouched(
    uint PortId, byte Family, string Table, FirewallMessageType Type) : FirewallEvent(PortId)
{
    /// <summary>
    /// True if the table is the one of that name in our family: other families may have one of the same name.
    /// </summary>
    public bool IsAbout(string table) => Family == FirewallWire.FamilyInet && Table == table;
}

/// <summary>A transaction was committed (NFT_MSG_NEWGEN).</summary>
/// <param name="PortId">Port id of the socket that did it.</param>
/// <param name="GenerationId">The namespace's generation from now on.</param>
/// <param name="ProcessId">Who did it.</param>
/// <param name="ProcessName">The name of its thread.</param>
public sealed record FirewallCommitted(
    uint PortId, uint GenerationId, int? ProcessId, string? ProcessName) : FirewallEvent(PortId)
{
    internal static FirewallCommitted Read(uint portId, AttributeReader attributes)
    {
        var id = 0u;
        int? processId = null;
        string? processName = null;
        while (attributes.MoveNext())
        {
            switch ((FirewallGenerationAttribute)attributes.Type)
            {
                case FirewallGenerationAttribute.Id:
                    id = attributes.GetUInt32BigEndian();
                    break;
                case FirewallGenerationAttribute.ProcessId:
                    processId = unchecked((int)attributes.GetUInt32BigEndian());
                    break;
                case FirewallGenerationAttribute.ProcessName:
                    processName = attributes.GetString();
                    break;
                default:
                    break;
            }
        }

        return new FirewallCommitted(portId, id, processId, processName);
    }
}
