using System.Net;
using System.Runtime.InteropServices;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>A link as the kernel tells it, with indexes instead of names.</summary>
internal sealed class LinkMessage
{
    private const uint UpFlag = 1; // IFF_UP

    public int Index { get; private set; }

    public bool IsUp { get; private set; }

    public string Name { get; private set; } = string.Empty;

    public string? Alias { get; private set; }

    public MacAddress Mac { get; private set; }

    public int MtuBytes { get; private set; }

    public int MasterIndex { get; private set; }

    public int ParentIndex { get; private set; }

    /// <summary>Id of the namespace of the parent or other end, as this namespace numbers them; null if it is this one.</summary>
    public int? ParentNamespaceId { get; private set; }

    public int Group { get; private set; }

    public string Kind { get; private set; } = string.Empty;

    public BridgePortState? Port { get; private set; }

    public bool? HasLinkLocal { get; private set; }

    public int VlanId { get; private set; }

    public MacvlanMode MacvlanMode { get; private set; }

    public int VxlanId { get; private set; }

    public int VxlanPort { get; private set; }

    public IPAddress? VxlanLocal { get; private set; }

    /// <summary>True if its packet path is cut and it waits to be deleted: nobody's object any more.</summary>
    public bool IsDoomed => Group == Ownership.DoomedGroup;

    /// <summary>True if it was made and has no alias yet: by a netd that is at it, or that died over it.</summary>
    public bool IsNewborn => Group == Ownership.NewbornGroup;

    /// <summary>Reads a message.</summary>
    public static LinkMessage Read(ReadOnlySpan<byte> body)
    {
        var header = ReadHeader(body);
        var link = new LinkMessage { Index = header.Index, IsUp = (header.Flags & UpFlag) != 0 };
        var reader = new AttributeReader(body[Marshal.SizeOf<LinkHeader>()..]);
        while (reader.MoveNext())
        {
            link.Take(reader);
        }

        return link;
    }

    /// <summary>Reads the fixed header only.</summary>
    public static LinkHeader ReadHeader(ReadOnlySpan<byte> body) => MemoryMarshal.TryRead<LinkHeader>(body, out var header)
        ? header
        : throw new WireFormatException(0, $"a link message of {body.Length} bytes");

    private void Take(in AttributeReader reader)
    {
        switch (reader.Type)
        {
            case LinkAttribute.Name:
                Name = reader.GetString();
                break;
            case LinkAttribute.Alias:
                Alias = reader.GetString();
                break;
            case LinkAttribute.HardwareAddress:
                Mac = reader.GetMac();
                break;
            case LinkAttribute.Mtu:
                MtuBytes = reader.GetInt32();
                break;
            case LinkAttribute.Master:
                MasterIndex = reader.GetInt32();
                break;
            case LinkAttribute.Parent:
                ParentIndex = reader.GetInt32();
                break;
            case LinkAttribute.ParentNamespaceId:
                ParentNamespaceId = reader.GetInt32();
                break;
            case LinkAttribute.Group:
                Group = reader.GetInt32();
                break;
            case LinkAttribute.LinkInfo:
                TakeInfo(reader.Nested());
                break;
            case LinkAttribute.AddressFamilies:
                TakeFamilies(reader.Nested());
                break;
        }
    }

    private void TakeInfo(AttributeReader info)
    {
        var portKind = string.Empty;
        while (info.MoveNext())
        {
            switch (info.Type)
            {
                // The kernel writes a kind before what belongs to it.
                case LinkInfoAttribute.Kind:
                    Kind = info.GetString();
                    break;
                case LinkInfoAttribute.Details:
                    TakeDetails(info.Nested());
                    break;
                case LinkInfoAttribute.PortKind:
                    portKind = info.GetString();
                    break;
                case LinkInfoAttribute.PortDetails when portKind == "bridge":
                    TakePort(info.Nested());
                    break;
            }
        }
    }

    private void TakeDetails(AttributeReader details)
    {
        while (details.MoveNext())
        {
            switch (Kind, details.Type)
            {
                case ("vlan", LinkKindAttribute.VlanId):
                    VlanId = details.GetUInt16();
                    break;
                case ("macvlan" or "macvtap", LinkKindAttribute.MacvlanMode):
                    MacvlanMode = (MacvlanMode)details.GetUInt32();
                    break;
                case ("vxlan", LinkKindAttribute.VxlanId):
                    VxlanId = details.GetInt32();
                    break;
                case ("vxlan", LinkKindAttribute.VxlanPort):
                    VxlanPort = details.GetUInt16BigEndian();
                    break;
                case ("vxlan", LinkKindAttribute.VxlanLocal or LinkKindAttribute.VxlanLocal6):
                    VxlanLocal = details.GetAddress();
                    break;
            }
        }
    }

    private void TakePort(AttributeReader details)
    {
        var isIsolated = false;
        var hasHairpin = false;
        while (details.MoveNext())
        {
            switch (details.Type)
            {
                case LinkKindAttribute.PortIsolated:
                    isIsolated = details.GetByte() != 0;
                    break;
                case LinkKindAttribute.PortHairpin:
                    hasHairpin = details.GetByte() != 0;
                    break;
            }
        }

        Port = new BridgePortState(isIsolated, hasHairpin);
    }

    private void TakeFamilies(AttributeReader families)
    {
        while (families.MoveNext())
        {
            if (families.Type != AddressFamilyAttribute.Inet6)
            {
                continue;
            }

            var inet6 = families.Nested();
            while (inet6.MoveNext())
            {
                if (inet6.Type == AddressFamilyAttribute.Inet6AddressMode)
                {
                    HasLinkLocal = inet6.GetByte() != 1; // IN6_ADDR_GEN_MODE_NONE
                }
            }
        }
    }
}
