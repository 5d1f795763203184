using System.Buffers.Binary;
using Networking.Model.Wire;

namespace Networking.Gossip.Wire;

/// <summary>What gossip alone has to say, as bytes: scopes, nodes and addresses.</summary>
public static class WireValues
{
    /// <summary>A scope: 32 bytes, or one zero byte for the cluster's.</summary>
    public static void PutScope(this WireWriter writer, ScopeId scope)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.PutByte(scope.IsCluster ? (byte)0 : (byte)1);
        if (!scope.IsCluster)
        {
            scope.Write(writer.Room(ScopeId.Length));
        }
    }

    /// <summary>A node.</summary>
    public static void PutNode(this WireWriter writer, NodeId node)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.PutUInt64(node.Value);
    }

    /// <summary>An address: 4, then 4 bytes and the port; 6, then 16 and the port.</summary>
    public static void PutAddress(this WireWriter writer, PeerAddress address)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.PutByte(address.IsIpv4 ? (byte)4 : (byte)6);
        if (address.IsIpv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(writer.Room(4), (uint)address.Low);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(writer.Room(8), address.High);
            BinaryPrimitives.WriteUInt64BigEndian(writer.Room(8), address.Low);
        }

        writer.PutUInt16(address.Port);
    }

    /// <summary>A scope.</summary>
    public static ScopeId ReadScope(this ref WireReader reader)
    {
        switch (reader.ReadByte())
        {
            case 0:
                return ScopeId.Cluster;
            case 1 when reader.ReadBytes(ScopeId.Length) is { IsEmpty: false } taken && ScopeId.Read(taken) is { IsCluster: false } scope:
                return scope;
            default:
                reader.Fail();
                return default;
        }
    }

    /// <summary>A node; none is refused.</summary>
    public static NodeId ReadNode(this ref WireReader reader)
    {
        var value = reader.ReadUInt64();
        if (value == 0)
        {
            reader.Fail();
        }

        return new NodeId(value);
    }

    /// <summary>An address; one without a port is refused.</summary>
    public static PeerAddress ReadAddress(this ref WireReader reader)
    {
        var family = reader.ReadByte();
        var taken = family is 4 or 6 ? reader.ReadBytes(family == 4 ? 4 : 16) : [];
        var port = reader.ReadUInt16();
        if (taken.IsEmpty || port == 0)
        {
            reader.Fail();
            return default;
        }

        return family == 4
            ? new PeerAddress(0, 0xffff_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(taken), port)
            : new PeerAddress(BinaryPrimitives.ReadUInt64BigEndian(taken), BinaryPrimitives.ReadUInt64BigEndian(taken[8..]), port);
    }
}
