using System.Buffers.Binary;

namespace Networking.Netlink.Tests;

/// <summary>One netlink message of a batch, taken apart without the code under test.</summary>
internal sealed record WireMessage(
    int Type, int Flags, uint Sequence, byte Family, ushort ResourceId, List<AttributeTree> Attributes)
{
    public const int BatchBegin = 0x10;
    public const int BatchEnd = 0x11;
    public const int NewSet = 0xa09;
    public const int NewElement = 0xa0c;
    public const int NewRule = 0xa06;
    public const int DeleteRule = 0xa08;

    public static List<WireMessage> Parse(ReadOnlySpan<byte> bytes)
    {
        var messages = new List<WireMessage>();
        while (bytes.Length >= 20)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            messages.Add(new WireMessage(
                BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
                BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
                bytes[16],
                BinaryPrimitives.ReadUInt16BigEndian(bytes[18..]),
                AttributeTree.Parse(bytes[20..length])));
            bytes = bytes[Math.Min(bytes.Length, (length + 3) & ~3)..];
        }

        return messages;
    }
}
