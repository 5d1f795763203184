namespace Networking.Netlink;

/// <summary>Writes namespace id messages: the number under which this namespace knows another.</summary>
internal static class NamespaceIdEncoder
{
    private const uint Any = uint.MaxValue; // NETNSA_NSID_NOT_ASSIGNED: the kernel chooses

    /// <summary>Gives a namespace an id, so that its events reach listeners of all ids.</summary>
    public static void Assign(ref NetlinkWriter writer, int namespaceDescriptor)
    {
        var message = Begin(ref writer, RouteMessageType.NewNamespaceId);
        writer.PutUInt32(NamespaceIdAttribute.Id, Any);
        writer.PutUInt32(NamespaceIdAttribute.Descriptor, (uint)namespaceDescriptor);
        writer.EndMessage(message);
    }

    /// <summary>Asks for a namespace's id.</summary>
    public static void Get(ref NetlinkWriter writer, int namespaceDescriptor)
    {
        var message = Begin(ref writer, RouteMessageType.GetNamespaceId);
        writer.PutUInt32(NamespaceIdAttribute.Descriptor, (uint)namespaceDescriptor);
        writer.EndMessage(message);
    }

    /// <summary>Reads the id out of an answer or event; null if there is none.</summary>
    public static int? Read(ReadOnlySpan<byte> body)
    {
        var reader = new AttributeReader(body.Length < 4 ? [] : body[4..]); // struct rtgenmsg, padded
        while (reader.MoveNext())
        {
            if (reader.Type == NamespaceIdAttribute.Id)
            {
                return reader.GetInt32();
            }
        }

        return null;
    }

    private static WriterMark Begin(ref NetlinkWriter writer, ushort type)
    {
        var message = writer.BeginMessage(type, NetlinkFlags.Request | NetlinkFlags.Ack, 0);
        writer.PutHeader(default(FamilyHeader));
        return message;
    }
}
