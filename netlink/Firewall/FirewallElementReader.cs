using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Collects the elements of one set from its dump. Those of a set of ranges come as single values with an end flag, in
/// no promised order and with ends left out where ranges touch, so they are put together only when all are there.
/// </summary>
internal sealed class FirewallElementReader(FirewallSetState set)
{
    private readonly List<Raw> _raw = [];

    private bool IsPaired => set.IsInterval && set.KeyTypes.Length == 1;

    /// <summary>Reads one message of the dump.</summary>
    public void Add(AttributeReader message) => FirewallKeyBytes.ForEach(message, element => _raw.Add(ReadOne(element)));

    /// <summary>The elements.</summary>
    public IEnumerable<FirewallElementState> Elements() =>
        IsPaired ? Ranges() : _raw.Select(raw => ToState(raw, KeyOf(raw)));

    private IEnumerable<FirewallElementState> Ranges()
    {
        _raw.Sort(static (left, right) => FirewallKeyBytes.Compare(left.Key, left.IsEnd, right.Key, right.IsEnd));
        for (var i = 0; i < _raw.Count; i++)
        {
            var raw = _raw[i];
            if (raw.IsCatchAll)
            {
                yield return ToState(raw, KeyOf(raw));
            }
            else if (!raw.IsEnd)
            {
                var last = FirewallKeyBytes.LastOf(raw.Key, i + 1 < _raw.Count ? _raw[i + 1].Key : null);
                yield return ToState(raw, [$"{Text(raw.Key)}-{Text(last)}"]);
            }
        }
    }

    private string Text(byte[] key) => FirewallValueCodec.Read(set.KeyTypes[0], key);

    private ImmutableArray<string> KeyOf(Raw raw)
    {
        if (raw.IsCatchAll)
        {
            return ["*"];
        }

        var types = set.KeyTypes;
        if (!FirewallValueCodec.CanSplit(types, raw.Key.Length))
        {
            return [Convert.ToHexStringLower(raw.Key)];
        }

        var parts = ImmutableArray.CreateBuilder<string>(types.Length);
        var at = 0;
        foreach (var type in types)
        {
            var length = FirewallValueCodec.LengthOf(type);
            var text = FirewallValueCodec.Read(type, raw.Key.AsSpan(at, length));
            if (raw.KeyEnd is { } end && end.Length >= at + length)
            {
                var last = FirewallValueCodec.Read(type, end.AsSpan(at, length));
                text = last == text ? text : $"{text}-{last}";
            }

            parts.Add(text);
            at += FirewallValueCodec.Padded(length);
        }

        return parts.MoveToImmutable();
    }

    private FirewallElementState ToState(Raw raw, ImmutableArray<string> key) => new()
    {
        Namespace = set.Namespace,
        Table = set.Table,
        Set = set.Name,
        KeyParts = key,
        KeyTypes = set.KeyTypes,
        ValueTypes = set.ValueTypes,
        Value = raw.Value,
        Comment = raw.Comment,
    };

    private Raw ReadOne(AttributeReader element)
    {
        byte[] key = [];
        byte[]? keyEnd = null;
        string? value = null;
        string? comment = null;
        var flags = FirewallElementFlags.None;
        while (element.MoveNext())
        {
            switch ((FirewallElementAttribute)element.Type)
            {
                case FirewallElementAttribute.Key:
                    key = FirewallKeyBytes.Read(element.Nested());
                    break;
                case FirewallElementAttribute.KeyEnd:
                    keyEnd = FirewallKeyBytes.Read(element.Nested());
                    break;
                case FirewallElementAttribute.Data:
                    value = ReadValue(element.Nested());
                    break;
                case FirewallElementAttribute.Flags:
                    flags = (FirewallElementFlags)element.GetUInt32BigEndian();
                    break;
                case FirewallElementAttribute.UserData:
                    comment = FirewallUserData.ReadComment(element.Value);
                    break;
                default:
                    break;
            }
        }

        return new Raw(
            key, keyEnd, value, comment,
            flags.HasFlag(FirewallElementFlags.IntervalEnd), flags.HasFlag(FirewallElementFlags.CatchAll));
    }

    private string? ReadValue(AttributeReader data)
    {
        while (data.MoveNext())
        {
            switch ((FirewallDataAttribute)data.Type)
            {
                case FirewallDataAttribute.Value:
                    return FirewallValueCodec.Read(set.ValueTypes, data.Value);
                case FirewallDataAttribute.Verdict:
                    return FirewallVerdictCodec.Read(data.Nested());
                default:
                    break;
            }
        }

        return null;
    }

    private sealed record Raw(byte[] Key, byte[]? KeyEnd, string? Value, string? Comment, bool IsEnd, bool IsCatchAll);
}
