using System.Text;

namespace Networking.Dns;

/// <summary>Names as text (RFC 1035, 5.1): labels joined by dots; a dot inside a label and what cannot be printed is escaped.</summary>
public static class NameText
{
    /// <summary>The text of a plain name, without the last dot; the root is <c>.</c>.</summary>
    public static string Of(ReadOnlySpan<byte> name)
    {
        if (name.Length <= 1)
        {
            return ".";
        }

        var text = new StringBuilder(name.Length);
        for (var at = 0; at < name.Length && name[at] != 0; at += name[at] + 1)
        {
            if (at > 0)
            {
                _ = text.Append('.');
            }

            foreach (var value in name.Slice(at + 1, name[at]))
            {
                _ = value switch
                {
                    (byte)'.' or (byte)'\\' => text.Append('\\').Append((char)value),
                    > 0x20 and < 0x7f => text.Append((char)value),
                    _ => text.Append('\\').Append(value.ToString("D3")),
                };
            }
        }

        return text.ToString();
    }

    /// <summary>Writes text as a plain name.</summary>
    /// <param name="text">With or without a last dot; <c>\.</c> and <c>\DDD</c> are understood.</param>
    /// <param name="name">At least <see cref="NameWire.BytesMax"/>.</param>
    /// <returns>Its length in bytes; zero if it is no name: an empty label, or one or the whole too long.</returns>
    public static int TryWrite(ReadOnlySpan<char> text, Span<byte> name)
    {
        if (text is "." or "")
        {
            name[0] = 0;
            return text.Length; // no text is no name
        }

        var (length, labelAt, at) = (1, 0, 0);
        while (at < text.Length)
        {
            if (text[at] == '.')
            {
                at++;
                if (!Close(name, labelAt, length) || length >= NameWire.BytesMax)
                {
                    return 0;
                }

                labelAt = length++;
                continue;
            }

            if (!TryReadByte(text, ref at, out var value) || length >= NameWire.BytesMax)
            {
                return 0;
            }

            name[length++] = value;
        }

        if (length - labelAt > 1)
        {
            // No dot at the end: the last label is closed, and the root's zero follows.
            if (!Close(name, labelAt, length) || length >= NameWire.BytesMax)
            {
                return 0;
            }

            labelAt = length++;
        }

        name[labelAt] = 0;
        return length;
    }

    private static bool Close(Span<byte> name, int labelAt, int length)
    {
        var label = length - labelAt - 1;
        name[labelAt] = (byte)label;
        return label is > 0 and <= NameWire.LabelBytesMax;
    }

    private static bool TryReadByte(ReadOnlySpan<char> text, ref int at, out byte value)
    {
        var letter = text[at++];
        value = (byte)letter;
        if (letter != '\\')
        {
            return letter < 0x80;
        }

        if (at + 3 <= text.Length && byte.TryParse(text.Slice(at, 3), System.Globalization.NumberStyles.None, null, out value))
        {
            at += 3;
            return true;
        }

        if (at >= text.Length || text[at] >= 0x80)
        {
            return false;
        }

        value = (byte)text[at++];
        return true;
    }
}
