using System.Buffers.Binary;
using System.Text;

namespace Networking.Netlink.Tests;

/// <summary>
/// A message as canonical text, so that two writers that order attributes differently, flag nests or not, and end
/// strings with a zero or not, compare equal if they say the same. Written without the codec under test.
/// </summary>
internal static class MessageTree
{
    private static readonly Dictionary<string, int> Nests = new()
    {
        ["link/18"] = 0, // IFLA_LINKINFO
        ["link/18/2"] = 0, // IFLA_INFO_DATA
        ["link/18/2/1"] = 16, // VETH_INFO_PEER: struct ifinfomsg first; other kinds have a number there
        ["link/18/5"] = 0, // IFLA_INFO_SLAVE_DATA
        ["link/26"] = 0, // IFLA_AF_SPEC
        ["link/26/10"] = 0, // AF_INET6
    };

    private static readonly HashSet<string> Texts = ["link/3", "link/20", "link/18/1", "link/18/4", "link/18/2/1/3"];

    /// <summary>The header and the attributes, ordered, without those left out by path.</summary>
    public static string Of(ReadOnlySpan<byte> message, params string[] without)
    {
        var type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        var (family, header) = type switch
        {
            < 20 => ("link", 16),
            < 24 => ("address", 8),
            < 28 => ("route", 12),
            < 32 => ("neighbor", 12),
            _ => ("rule", 12),
        };
        var head = without.Contains("header") ? string.Empty : $"type {type} flags {flags:x} {Convert.ToHexString(message.Slice(16, header))}";
        return head + Attributes(message[(16 + header)..], family, without);
    }

    private static string Attributes(ReadOnlySpan<byte> bytes, string path, string[] without)
    {
        var items = new List<string>();
        while (bytes.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & 0x3fff;
            Assert.InRange(length, 4, bytes.Length);
            Assert.True(bytes[length..Math.Min(bytes.Length, (length + 3) & ~3)].TrimStart((byte)0).IsEmpty, "padding is zero");
            var own = $"{path}/{type}";
            if (!without.Contains(own))
            {
                items.Add($"\n{own} {Value(bytes[4..length], own, without)}");
            }

            bytes = bytes[Math.Min(bytes.Length, (length + 3) & ~3)..];
        }

        items.Sort(StringComparer.Ordinal);
        return string.Concat(items);
    }

    private static string Value(ReadOnlySpan<byte> value, string path, string[] without)
    {
        if (Texts.Contains(path))
        {
            return Encoding.UTF8.GetString(value).TrimEnd('\0');
        }

        return Nests.TryGetValue(path, out var header) && value.Length >= header + 4
            ? $"{Convert.ToHexString(value[..header])}{{{Attributes(value[header..], path, without)}}}"
            : Convert.ToHexString(value);
    }
}
