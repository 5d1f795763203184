using System.Text;

namespace Networking.Netlink;

/// <summary>
/// The opaque bytes that the kernel keeps with a rule, set or element for nft and us: type, length, value, each length
/// one byte (libnftnl's udata). Our comments travel in them, so that <c>nft list</c> shows whose an object is.
/// </summary>
internal static class FirewallUserData
{
    /// <summary>The longest comment nft accepts (NFTNL_UDATA_COMMENT_MAXLEN), in UTF-8 bytes.</summary>
    public const int CommentBytesMax = 128;

    private const byte Comment = 0; // NFTNL_UDATA_RULE_COMMENT and NFTNL_UDATA_SET_ELEM_COMMENT: both zero
    private const byte ElementFlags = 1; // NFTNL_UDATA_SET_ELEM_FLAGS
    private const byte IntervalOpen = 1; // nft's SET_ELEM_F_INTERVAL_OPEN
    private const byte KeyByteOrder = 0; // NFTNL_UDATA_SET_KEYBYTEORDER
    private const byte DataByteOrder = 1; // NFTNL_UDATA_SET_DATABYTEORDER
    private const byte DataInterval = 6; // NFTNL_UDATA_SET_DATA_INTERVAL
    private const int NumberBytes = 6;
    private const int CommentOverhead = 3; // type, length, terminating zero

    public static bool Fits(string comment) =>
        comment.Length <= CommentBytesMax && Encoding.UTF8.GetByteCount(comment) <= CommentBytesMax
        && !comment.Contains('\0', StringComparison.Ordinal);

    public static void PutRule(ref NetlinkWriter writer, string comment)
    {
        Span<byte> bytes = stackalloc byte[CommentBytesMax + CommentOverhead];
        writer.PutBytes((ushort)FirewallRuleAttribute.UserData, bytes[..PutComment(bytes, comment)]);
    }

    /// <summary>
    /// An element's comment, and for nft the note that its range has no end because it goes up to the last value.
    /// </summary>
    public static void PutElement(ref FirewallNestWriter writer, string? comment, bool isOpen)
    {
        Span<byte> bytes = stackalloc byte[CommentBytesMax + CommentOverhead + NumberBytes];
        var length = comment is null ? 0 : PutComment(bytes, comment);
        if (isOpen)
        {
            PutNumber(bytes[length..], ElementFlags, IntervalOpen);
            length += NumberBytes;
        }

        if (length > 0)
        {
            writer.PutBytes((ushort)FirewallElementAttribute.UserData, bytes[..length]);
        }
    }

    /// <summary>
    /// Without the byte orders nft prints interface names and marks reversed. The typeof part that nft adds to
    /// concatenations is left out: it is empty there, and NFTA_SET_KEY_TYPE already says everything.
    /// </summary>
    public static void PutSet(ref NetlinkWriter writer, byte keyOrder, byte? dataOrder)
    {
        Span<byte> bytes = stackalloc byte[3 * NumberBytes];
        PutNumber(bytes, KeyByteOrder, keyOrder);
        var length = NumberBytes;
        if (dataOrder is { } order)
        {
            PutNumber(bytes[length..], DataByteOrder, order);
            PutNumber(bytes[(length + NumberBytes)..], DataInterval, 0);
            length += 2 * NumberBytes;
        }

        writer.PutBytes((ushort)FirewallSetAttribute.UserData, bytes[..length]);
    }

    /// <summary>The comment in the user data; null if there is none or the bytes are not libnftnl's.</summary>
    public static string? ReadComment(ReadOnlySpan<byte> userData)
    {
        while (userData.Length >= 2 && userData.Length >= 2 + userData[1])
        {
            var value = userData.Slice(2, userData[1]);
            if (userData[0] == Comment)
            {
                var end = value.IndexOf((byte)0);
                return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
            }

            userData = userData[(2 + value.Length)..];
        }

        return null;
    }

    private static int PutComment(Span<byte> destination, string comment)
    {
        var length = Encoding.UTF8.GetBytes(comment, destination[2..]);
        destination[0] = Comment;
        destination[1] = (byte)(length + 1);
        destination[length + 2] = 0;
        return length + CommentOverhead;
    }

    // Values are 32 bits in host order.
    private static void PutNumber(Span<byte> destination, byte type, byte value)
    {
        destination[0] = type;
        destination[1] = 4;
        destination[2..NumberBytes].Clear();
        destination[2] = value;
    }
}
