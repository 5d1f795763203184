using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Writes link messages. Each method writes exactly one message, or says that there is nothing to write.</summary>
internal static class LinkEncoder
{
    private const NetlinkFlags Acknowledged = NetlinkFlags.Request | NetlinkFlags.Ack;
    private const uint SkipStatistics = 8; // RTEXT_FILTER_SKIP_STATS
    private const uint Up = 1; // IFF_UP
    private const byte ModeEui64 = 0; // IN6_ADDR_GEN_MODE_EUI64
    private const byte ModeNone = 1; // IN6_ADDR_GEN_MODE_NONE

    /// <summary>Asks for one link by name.</summary>
    public static void Get(ref NetlinkWriter writer, string name)
    {
        var message = Begin(ref writer, RouteMessageType.GetLink, Acknowledged, default);
        writer.PutUInt32(LinkAttribute.ExtendedMask, SkipStatistics);
        writer.PutString(LinkAttribute.Name, name);
        writer.EndMessage(message);
    }

    /// <summary>Asks for one link by index.</summary>
    public static void Get(ref NetlinkWriter writer, int index)
    {
        var message = Begin(ref writer, RouteMessageType.GetLink, Acknowledged, new LinkHeader { Index = index });
        writer.PutUInt32(LinkAttribute.ExtendedMask, SkipStatistics);
        writer.EndMessage(message);
    }

    /// <summary>Asks for all links.</summary>
    public static void Dump(ref NetlinkWriter writer)
    {
        var message = Begin(ref writer, RouteMessageType.GetLink, NetlinkFlags.Request | NetlinkFlags.Dump, default);
        writer.PutUInt32(LinkAttribute.ExtendedMask, SkipStatistics);
        writer.EndMessage(message);
    }

    /// <summary>Makes a link, as a rule not yet up.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="link">The link.</param>
    /// <param name="references">What it refers to.</param>
    /// <param name="comesUp">Brings it up at once: right only where nothing must stand before.</param>
    public static void Create(ref NetlinkWriter writer, LinkState link, in LinkReferences references, bool comesUp = false)
    {
        var header = comesUp ? new LinkHeader { Flags = Up, Change = Up } : default;
        var message = Begin(ref writer, RouteMessageType.NewLink, Acknowledged | NetlinkFlags.Create | NetlinkFlags.Exclusive, header);
        writer.PutString(LinkAttribute.Name, link.Name);
        PutHardware(ref writer, link);
        if (references.MasterIndex != 0)
        {
            writer.PutUInt32(LinkAttribute.Master, (uint)references.MasterIndex);
        }

        if (references.ParentIndex != 0)
        {
            writer.PutUInt32(LinkAttribute.Parent, (uint)references.ParentIndex);
        }

        if (references.TargetNamespace >= 0)
        {
            writer.PutUInt32(LinkAttribute.NamespaceDescriptor, (uint)references.TargetNamespace);
        }

        if (link.Details is VethLink)
        {
            LinkKindEncoder.PutQueues(ref writer);
        }

        if (link.Alias is not null)
        {
            writer.PutUInt32(LinkAttribute.Group, Ownership.NewbornGroup); // the kernel takes no alias here
        }

        LinkKindEncoder.Put(ref writer, link, references.PeerNamespace);
        writer.EndMessage(message);
    }

    /// <summary>
    /// Sets what must stand before the link comes up: as a port (only possible once the bridge is its master), and how
    /// it makes IPv6 addresses (do_setlink applies flags before IFLA_AF_SPEC, so one message would come up too early).
    /// The alias goes along if there is anything to send.
    /// </summary>
    public static bool TryConfigure(ref NetlinkWriter writer, LinkState link, LinkState? before, bool withHardware)
    {
        var port = link.Port is not null && link.Port != before?.Port;
        var addressMode = link.HasLinkLocal is not null && link.HasLinkLocal != before?.HasLinkLocal;
        var hardware = withHardware && HasHardware(link);
        if (!port && !addressMode && !hardware)
        {
            return false;
        }

        var message = Begin(ref writer, RouteMessageType.NewLink, Acknowledged, default);
        writer.PutString(LinkAttribute.Name, link.Name);
        if (withHardware)
        {
            PutHardware(ref writer, link);
        }

        if (link.Alias is { } alias && alias != before?.Alias)
        {
            PutAlias(ref writer, alias);
        }

        if (port)
        {
            PutPort(ref writer, link.Port!); // checked above
        }

        if (addressMode)
        {
            PutAddressMode(ref writer, link.HasLinkLocal == true ? ModeEui64 : ModeNone);
        }

        writer.EndMessage(message);
        return true;
    }

    /// <summary>Sets the bridge (before the port settings, which need it), hardware address and MTU.</summary>
    /// <param name="masterIndex">The bridge, zero for none, null to leave it.</param>
    public static bool TryAttach(ref NetlinkWriter writer, LinkState link, int? masterIndex)
    {
        if (masterIndex is null && !HasHardware(link))
        {
            return false;
        }

        var message = Begin(ref writer, RouteMessageType.SetLink, Acknowledged, default);
        writer.PutString(LinkAttribute.Name, link.Name);
        PutHardware(ref writer, link);
        if (masterIndex is { } master)
        {
            writer.PutUInt32(LinkAttribute.Master, (uint)master);
        }

        writer.EndMessage(message);
        return true;
    }

    /// <summary>Sets the alias and brings the link up or down: the last step.</summary>
    /// <remarks>An alias that went along with <see cref="TryConfigure"/> is not asked for here.</remarks>
    public static bool TryFinish(ref NetlinkWriter writer, LinkState link, LinkState? before)
    {
        var alias = link.Alias is not null && link.Alias != before?.Alias;
        var flags = link.IsUp is not null && link.IsUp != before?.IsUp;
        if (!alias && !flags)
        {
            return false;
        }

        var header = flags ? new LinkHeader { Flags = link.IsUp == true ? Up : 0, Change = Up } : default;
        var message = Begin(ref writer, RouteMessageType.SetLink, Acknowledged, header);
        writer.PutString(LinkAttribute.Name, link.Name);
        if (alias)
        {
            PutAlias(ref writer, link.Alias!); // checked above
        }

        writer.EndMessage(message);
        return true;
    }

    /// <summary>Brings a link up by name.</summary>
    public static void BringUp(ref NetlinkWriter writer, string name)
    {
        var message = Begin(ref writer, RouteMessageType.SetLink, Acknowledged, new LinkHeader { Flags = Up, Change = Up });
        writer.PutString(LinkAttribute.Name, name);
        writer.EndMessage(message);
    }

    /// <summary>Cuts a link's packet path: down, out of its bridge, and into the group that waits to be deleted.</summary>
    public static void Cut(ref NetlinkWriter writer, int index)
    {
        var message = Begin(ref writer, RouteMessageType.SetLink, Acknowledged, new LinkHeader { Index = index, Change = Up });
        writer.PutUInt32(LinkAttribute.Master, 0);
        writer.PutUInt32(LinkAttribute.Group, Ownership.DoomedGroup);
        writer.EndMessage(message);
    }

    /// <summary>Gives a link another name; it must be down on kernels before 6.0.</summary>
    public static void Rename(ref NetlinkWriter writer, int index, string name)
    {
        var message = Begin(ref writer, RouteMessageType.SetLink, Acknowledged, new LinkHeader { Index = index });
        writer.PutString(LinkAttribute.Name, name);
        writer.EndMessage(message);
    }

    /// <summary>Deletes a link by name.</summary>
    public static void Delete(ref NetlinkWriter writer, string name)
    {
        var message = Begin(ref writer, RouteMessageType.DeleteLink, Acknowledged, default);
        writer.PutString(LinkAttribute.Name, name);
        writer.EndMessage(message);
    }

    /// <summary>Deletes all links of a group in one pass of the kernel.</summary>
    public static void DeleteGroup(ref NetlinkWriter writer, int group)
    {
        var message = Begin(ref writer, RouteMessageType.DeleteLink, Acknowledged, default);
        writer.PutUInt32(LinkAttribute.Group, (uint)group);
        writer.EndMessage(message);
    }

    private static WriterMark Begin(ref NetlinkWriter writer, ushort type, NetlinkFlags flags, in LinkHeader header)
    {
        var message = writer.BeginMessage(type, flags, 0);
        writer.PutHeader(header);
        return message;
    }

    private static bool HasHardware(LinkState link) => link.Mac is not null || link.MtuBytes is not null;

    private static void PutHardware(ref NetlinkWriter writer, LinkState link)
    {
        if (link.Mac is { } mac)
        {
            writer.PutMac(LinkAttribute.HardwareAddress, mac);
        }

        if (link.MtuBytes is { } mtu)
        {
            writer.PutUInt32(LinkAttribute.Mtu, (uint)mtu);
        }
    }

    // With its alias a link is told to be ours by that, and no more by the group of the newborn.
    private static void PutAlias(ref NetlinkWriter writer, string alias)
    {
        writer.PutUInt32(LinkAttribute.Group, 0);
        writer.PutString(LinkAttribute.Alias, alias);
    }

    private static void PutPort(ref NetlinkWriter writer, BridgePortState port)
    {
        var info = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.PutString(LinkInfoAttribute.PortKind, "bridge");
        var details = writer.BeginNest(LinkInfoAttribute.PortDetails);
        writer.PutByte(LinkKindAttribute.PortIsolated, port.IsIsolated ? (byte)1 : (byte)0);
        writer.PutByte(LinkKindAttribute.PortHairpin, port.HasHairpin ? (byte)1 : (byte)0);
        writer.EndNest(details);
        writer.EndNest(info);
    }

    private static void PutAddressMode(ref NetlinkWriter writer, byte mode)
    {
        var families = writer.BeginNest(LinkAttribute.AddressFamilies);
        var inet6 = writer.BeginNest(AddressFamilyAttribute.Inet6);
        writer.PutByte(AddressFamilyAttribute.Inet6AddressMode, mode);
        writer.EndNest(inet6);
        writer.EndNest(families);
    }
}
