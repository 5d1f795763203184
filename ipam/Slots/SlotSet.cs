using System.Numerics;
using System.Runtime.CompilerServices;

namespace Networking.Ipam;

/// <summary>
/// A persistent set of numbers from 0 to 2^n − 1: a radix tree, four children a branch, 64 numbers a leaf. Whole empty and
/// whole full parts are not stored, so a full part is skipped in one step. Every operation touches one path (a search:
/// two), whatever the set holds; the old set stays valid and shares all the rest.
/// </summary>
internal sealed class SlotSet
{
    private const int LeafBits = 6;
    private const int BranchBits = 2;

    private readonly int _height;
    private readonly UInt128 _last;
    private readonly Node? _root;

    private SlotSet(int height, UInt128 last, Node? root)
    {
        _height = height;
        _last = last;
        _root = root;
    }

    /// <summary>The empty set over 2^<paramref name="bits"/> numbers.</summary>
    public static SlotSet Empty(int bits)
    {
        var height = bits <= LeafBits ? 0 : (bits - LeafBits + BranchBits - 1) / BranchBits;
        return new SlotSet(height, LastOfBits(bits), null);
    }

    /// <summary>The greatest number that can be a member.</summary>
    public UInt128 Last => _last;

    public bool Contains(UInt128 slot) => NextFree(slot) != slot;

    public SlotSet Add(UInt128 slot) => AddRange(slot, slot);

    public SlotSet Remove(UInt128 slot) => RemoveRange(slot, slot);

    public SlotSet AddRange(UInt128 first, UInt128 last) => Assign(first, last, isMember: true);

    public SlotSet RemoveRange(UInt128 first, UInt128 last) => Assign(first, last, isMember: false);

    /// <summary>
    /// The smallest number from <paramref name="from"/> on that is not a member; null if there is none.
    /// </summary>
    public UInt128? NextFree(UInt128 from) =>
        from <= _last && NextFree(_root, _height, from) is { } slot && slot <= _last ? slot : null;

    private SlotSet Assign(UInt128 first, UInt128 last, bool isMember)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, _last);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, last);
        var root = Assign(_root, _height, first, last, isMember);
        return ReferenceEquals(root, _root) ? this : new SlotSet(_height, _last, root);
    }

    // Null stands for "none of them", Node.Full for "all of them"; first and last count from the node's own first number.
    private static Node? Assign(Node? node, int height, UInt128 first, UInt128 last, bool isMember)
    {
        var whole = isMember ? Node.Full : null;
        if (ReferenceEquals(node, whole) || (first == UInt128.Zero && last == LastOf(height)))
        {
            return whole;
        }

        if (height == 0)
        {
            var mask = (ulong.MaxValue << (int)first) & (ulong.MaxValue >> (63 - (int)last));
            var bits = BitsOf(node);
            return Leaf.Of(isMember ? bits | mask : bits & ~mask);
        }

        var children = ChildrenOf(node);
        var shift = BitsBelow(height);
        var (from, to) = ((int)(first >> shift), (int)(last >> shift));
        for (var i = from; i <= to; i++)
        {
            var start = (UInt128)i << shift;
            children[i] = Assign(
                children[i],
                height - 1,
                i == from ? first - start : UInt128.Zero,
                i == to ? last - start : LastOf(height - 1),
                isMember);
        }

        return Branch.Of(children);
    }

    private static UInt128? NextFree(Node? node, int height, UInt128 from)
    {
        if (node is null)
        {
            return from;
        }

        if (ReferenceEquals(node, Node.Full))
        {
            return null;
        }

        if (height == 0)
        {
            var free = ~BitsOf(node) & (ulong.MaxValue << (int)from);
            return free == 0 ? null : (UInt128)BitOperations.TrailingZeroCount(free);
        }

        var children = ((Branch)node).Children;
        var shift = BitsBelow(height);
        for (var i = (int)(from >> shift); i < 1 << BranchBits; i++)
        {
            // At most the first child searched can fail without being full: the later ones are searched from their start.
            var start = (UInt128)i << shift;
            if (NextFree(children[i], height - 1, from > start ? from - start : UInt128.Zero) is { } slot)
            {
                return start + slot;
            }
        }

        return null;
    }

    private static ulong BitsOf(Node? node) =>
        node is null ? 0 : ReferenceEquals(node, Node.Full) ? ulong.MaxValue : ((Leaf)node).Bits;

    private static Children ChildrenOf(Node? node)
    {
        if (node is Branch branch)
        {
            return branch.Children;
        }

        var children = default(Children);
        for (var i = 0; i < 1 << BranchBits; i++)
        {
            children[i] = node;
        }

        return children;
    }

    // How many bits of a number choose within one child of a node of this height.
    private static int BitsBelow(int height) => LeafBits + (BranchBits * (height - 1));

    private static UInt128 LastOf(int height) => LastOfBits(LeafBits + (BranchBits * height));

    // A shift by all 128 bits is a shift by none.
    private static UInt128 LastOfBits(int bits) => bits == 0 ? UInt128.Zero : UInt128.MaxValue >> (128 - bits);

    private abstract class Node
    {
        public static readonly Node Full = new Leaf(ulong.MaxValue);
    }

    private sealed class Leaf(ulong bits) : Node
    {
        public ulong Bits { get; } = bits;

        public static Node? Of(ulong bits) => bits switch
        {
            0 => null,
            ulong.MaxValue => Full,
            _ => new Leaf(bits),
        };
    }

    private sealed class Branch(Children children) : Node
    {
        // A field, so that reading a child copies nothing.
        public readonly Children Children = children;

        public static Node? Of(Children children)
        {
            var first = children[0];
            var isUniform = first is null || ReferenceEquals(first, Full);
            for (var i = 1; isUniform && i < 1 << BranchBits; i++)
            {
                isUniform = ReferenceEquals(children[i], first);
            }

            return isUniform ? first : new Branch(children);
        }
    }

    [InlineArray(1 << BranchBits)]
    private struct Children
    {
        private Node? _first;
    }
}
