using System.Runtime.InteropServices;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Finds families of generic netlink by name; what a family says is for its own codec (IPVS, when it comes).</summary>
public static class GenericNetlink
{
    private const ushort Controller = 16; // GENL_ID_CTRL
    private const byte GetFamily = 3; // CTRL_CMD_GETFAMILY
    private const ushort FamilyId = 1; // CTRL_ATTR_FAMILY_ID
    private const ushort FamilyName = 2; // CTRL_ATTR_FAMILY_NAME

    /// <summary>The message type of a family; null if the kernel does not have it.</summary>
    /// <param name="socket">A socket of the generic protocol.</param>
    /// <param name="name">Such as <c>IPVS</c>.</param>
    /// <exception cref="KernelException">The kernel refused for another reason.</exception>
    public static ushort? FindFamily(NetlinkSocket socket, string name)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        var message = writer.BeginMessage(Controller, NetlinkFlags.Request | NetlinkFlags.Ack, 0);
        writer.PutHeader(new GenericHeader { Command = GetFamily, Version = 1 });
        writer.PutString(FamilyName, name);
        writer.EndMessage(message);
        _ = batch.Commit(writer);
        var replies = new CollectedReplies();
        socket.Exchange(batch.Messages, batch.Acks, replies);
        var ack = batch.Acks[0];
        if (!ack.IsDone)
        {
            return ack.Errno == Errno.NoEntry ? null : throw new KernelException(ack.ToError($"find generic netlink family {name}"));
        }

        foreach (var (_, body) in replies.Messages)
        {
            var reader = new AttributeReader(body.Length < 4 ? [] : body.AsSpan(4)); // struct genlmsghdr
            while (reader.MoveNext())
            {
                if (reader.Type == FamilyId)
                {
                    return reader.GetUInt16();
                }
            }
        }

        return null;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct GenericHeader // struct genlmsghdr
    {
        public byte Command;
        public byte Version;
        public ushort Reserved;
    }
}
