using System.Buffers.Binary;
using System.Text;

namespace Networking.Netlink.Tests;

/// <summary>
/// Attributes as a tree of text, so that two encodings can be compared by meaning: siblings are sorted by type (the
/// kernel does not care about their order), those of one type keep theirs (a list's order is its meaning).
/// </summary>
internal sealed record AttributeTree(int Type, byte[] Value, List<AttributeTree>? Children)
{
    public static List<AttributeTree> Parse(ReadOnlySpan<byte> bytes)
    {
        var trees = new List<AttributeTree>();
        var at = 0;
        while (at + 4 <= bytes.Length)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
            int type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 2)..]);
            Assert.InRange(length, 4, bytes.Length - at);
            var padding = bytes[(at + length)..Math.Min(bytes.Length, (at + length + 3) & ~3)];
            Assert.True(padding.TrimStart((byte)0).IsEmpty, "padding is zero");
            var value = bytes.Slice(at + 4, length - 4);
            trees.Add(new AttributeTree(type & 0x3fff, value.ToArray(), (type & 0x8000) != 0 ? Parse(value) : null));
            at += (length + 3) & ~3;
        }

        return trees;
    }

    public static string Print(IEnumerable<AttributeTree> trees)
    {
        var text = new StringBuilder();
        Print(trees, text, 0);
        return text.ToString();
    }

    private static void Print(IEnumerable<AttributeTree> trees, StringBuilder text, int depth)
    {
        foreach (var tree in trees.OrderBy(static t => t.Type))
        {
            text.Append(' ', 2 * depth).Append('[').Append(tree.Type).Append(']');
            if (tree.Children is { } children)
            {
                text.Append('\n');
                Print(children, text, depth + 1);
            }
            else
            {
                text.Append(' ').Append(Convert.ToHexStringLower(tree.Value)).Append('\n');
            }
        }
    }
}
