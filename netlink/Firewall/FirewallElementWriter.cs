using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Writes one element. A single-part range becomes two elements, its first value and, flagged as an end, the value
/// behind its last (none if there is no such value); a concatenation with ranges carries both corners in one element.
/// </summary>
internal static class FirewallElementWriter
{
    /// <summary>Writes the element into the open nest of elements.</summary>
    /// <param name="writer">Where.</param>
    /// <param name="element">What.</param>
    /// <param name="isDeletion">Deletions name the key alone.</param>
    /// <param name="isInterval">The set is known to hold single-part ranges.</param>
    /// <returns>Why it cannot be written; null if it was.</returns>
    public static string? Put(
        ref FirewallNestWriter writer, FirewallElementState element, bool isDeletion, bool isInterval)
    {
        Span<byte> first = stackalloc byte[FirewallValueCodec.KeyBytesMax];
        Span<byte> last = stackalloc byte[FirewallValueCodec.KeyBytesMax];
        first.Clear();
        last.Clear();
        if (ReadKey(element, first, last, out var isRange) is { } problem)
        {
            return problem;
        }

        var length = FirewallValueCodec.LengthOf(element.KeyTypes);
        var isSingle = element.KeyTypes.Length == 1;
        if (isSingle && isInterval && !isRange)
        {
            // Sent as it is, the kernel would take it for the start of a range without end.
            return $"'{element.KeyParts[0]}' stands in a set of ranges and must be written as one: first-last";
        }

        var item = writer.BeginNest((ushort)FirewallListAttribute.Element);
        PutKey(ref writer, FirewallElementAttribute.Key, first[..length]);
        if (isRange && !isSingle)
        {
            PutKey(ref writer, FirewallElementAttribute.KeyEnd, last[..length]);
        }

        var isPair = isRange && isSingle;
        var hasEnd = isPair && TryIncrement(last[..length]);
        if (!isDeletion && PutContent(ref writer, element, isOpen: isPair && !hasEnd) is { } wrong)
        {
            return wrong;
        }

        writer.EndNest(item);
        if (hasEnd)
        {
            PutEnd(ref writer, last[..length]);
        }

        return null;
    }

    private static string? ReadKey(FirewallElementState element, Span<byte> first, Span<byte> last, out bool isRange)
    {
        isRange = false;
        if (element.KeyTypes.IsDefaultOrEmpty || element.KeyParts.Length != element.KeyTypes.Length
            || FirewallValueCodec.LengthOf(element.KeyTypes) > FirewallValueCodec.KeyBytesMax)
        {
            return $"its key has {element.KeyParts.Length} parts for {element.KeyTypes.Length} types";
        }

        var at = 0;
        for (var i = 0; i < element.KeyTypes.Length; i++)
        {
            var type = element.KeyTypes[i];
            if (!FirewallValueCodec.TryWriteRange(type, element.KeyParts[i], first[at..], last[at..], out var isPartRange))
            {
                return $"'{element.KeyParts[i]}' is not of type {type}";
            }

            var length = FirewallValueCodec.LengthOf(type);
            if (isPartRange && element.KeyTypes.Length > 1 && first.Slice(at, length).SequenceEqual(last.Slice(at, length)))
            {
                return $"'{element.KeyParts[i]}' is one value and must be written as one";
            }

            isRange |= isPartRange;
            at += FirewallValueCodec.Padded(length);
        }

        return null;
    }

    private static string? PutContent(ref FirewallNestWriter writer, FirewallElementState element, bool isOpen)
    {
        if (!element.ValueTypes.IsEmpty || element.Value is not null)
        {
            var data = writer.BeginNest((ushort)FirewallElementAttribute.Data);
            if (!TryPutValue(ref writer, element))
            {
                return $"'{element.Value}' is not a value of type {string.Join(" . ", element.ValueTypes)}";
            }

            writer.EndNest(data);
        }

        if (element.Comment is { } comment && !FirewallUserData.Fits(comment))
        {
            return $"its comment is longer than {FirewallUserData.CommentBytesMax} bytes";
        }

        FirewallUserData.PutElement(ref writer, element.Comment, isOpen);
        return null;
    }

    private static bool TryPutValue(ref FirewallNestWriter writer, FirewallElementState element)
    {
        if (element.ValueTypes is [FirewallType.Verdict])
        {
            if (!FirewallVerdictCodec.TryParse(element.Value, out var code, out var chain))
            {
                return false;
            }

            PutVerdict(ref writer, code, chain);
            return true;
        }

        Span<byte> value = stackalloc byte[FirewallValueCodec.KeyBytesMax];
        if (!FirewallValueCodec.TryWrite(element.ValueTypes, element.Value, value))
        {
            return false;
        }

        writer.PutBytes((ushort)FirewallDataAttribute.Value, value[..FirewallValueCodec.LengthOf(element.ValueTypes)]);
        return true;
    }

    private static void PutVerdict(
        ref FirewallNestWriter writer, FirewallVerdictCode code, scoped ReadOnlySpan<char> chain)
    {
        var nest = writer.BeginNest((ushort)FirewallDataAttribute.Verdict);
        writer.PutUInt32BigEndian((ushort)FirewallVerdictAttribute.Code, unchecked((uint)code));
        if (!chain.IsEmpty)
        {
            writer.PutString((ushort)FirewallVerdictAttribute.Chain, chain);
        }

        writer.EndNest(nest);
    }

    private static void PutKey(
        ref FirewallNestWriter writer, FirewallElementAttribute attribute, scoped ReadOnlySpan<byte> key)
    {
        var nest = writer.BeginNest((ushort)attribute);
        writer.PutBytes((ushort)FirewallDataAttribute.Value, key);
        writer.EndNest(nest);
    }

    private static void PutEnd(ref FirewallNestWriter writer, scoped ReadOnlySpan<byte> behindLast)
    {
        var item = writer.BeginNest((ushort)FirewallListAttribute.Element);
        writer.PutUInt32BigEndian((ushort)FirewallElementAttribute.Flags, (uint)FirewallElementFlags.IntervalEnd);
        PutKey(ref writer, FirewallElementAttribute.Key, behindLast);
        writer.EndNest(item);
    }

    private static bool TryIncrement(Span<byte> bigEndian)
    {
        for (var i = bigEndian.Length - 1; i >= 0; i--)
        {
            if (++bigEndian[i] != 0)
            {
                return true;
            }
        }

        return false;
    }
}
