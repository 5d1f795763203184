using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Reads the kernel's descriptions of tables, chains, rules and sets back into states. What is malformed ends in
/// <see cref="WireFormatException"/>; what is merely unknown is kept in a form that equals nothing of ours.
/// </summary>
internal static class FirewallObjectReader
{
    private const uint PolicyAccept = 1; // NF_ACCEPT

    /// <summary>The name of the table a message of any type is about: attribute 1 of all of them.</summary>
    public static string? ReadTable(AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            if (attributes.Type == (ushort)FirewallTableAttribute.Name)
            {
                return attributes.GetString();
            }
        }

        return null;
    }

    public static FirewallChainState ReadChain(NetNs ns, AttributeReader attributes)
    {
        var (table, name, type) = (string.Empty, string.Empty, string.Empty);
        BaseChain? hook = null;
        var policy = PolicyAccept;
        while (attributes.MoveNext())
        {
            switch ((FirewallChainAttribute)attributes.Type)
            {
                case FirewallChainAttribute.Table:
                    table = attributes.GetString();
                    break;
                case FirewallChainAttribute.Name:
                    name = attributes.GetString();
                    break;
                case FirewallChainAttribute.Type:
                    type = attributes.GetString();
                    break;
                case FirewallChainAttribute.Policy:
                    policy = attributes.GetUInt32BigEndian();
                    break;
                case FirewallChainAttribute.Hook:
                    hook = ReadHook(attributes.Nested());
                    break;
                default:
                    break;
            }
        }

        // Ours always accept. Somebody's drop policy has no field, but it must not pass as equal: it cuts every packet.
        var shownType = policy == PolicyAccept ? type : $"{type} policy {policy}";
        return new FirewallChainState
        {
            Namespace = ns,
            Table = table,
            Name = name,
            Base = hook is null ? null : hook with { Type = shownType },
            Rules = [],
        };
    }

    /// <summary>The chain a rule stands in, and the comment that identifies it.</summary>
    public static (string Chain, FirewallRule Rule) ReadRule(AttributeReader attributes)
    {
        var chain = string.Empty;
        string? comment = null;
        while (attributes.MoveNext())
        {
            switch ((FirewallRuleAttribute)attributes.Type)
            {
                case FirewallRuleAttribute.Chain:
                    chain = attributes.GetString();
                    break;
                case FirewallRuleAttribute.UserData:
                    comment = FirewallUserData.ReadComment(attributes.Value);
                    break;
                default:
                    break;
            }
        }

        return (chain, FirewallRule.Observed(comment));
    }

    /// <summary>A set; null if it is the nameless one of a foreign rule, which lives and dies with that rule.</summary>
    public static FirewallSetState? ReadSet(NetNs ns, AttributeReader attributes)
    {
        var (table, name) = (string.Empty, string.Empty);
        var flags = FirewallSetFlags.None;
        var (keyType, dataType) = (0u, 0u);
        while (attributes.MoveNext())
        {
            switch ((FirewallSetAttribute)attributes.Type)
            {
                case FirewallSetAttribute.Table:
                    table = attributes.GetString();
                    break;
                case FirewallSetAttribute.Name:
                    name = attributes.GetString();
                    break;
                case FirewallSetAttribute.Flags:
                    flags = (FirewallSetFlags)attributes.GetUInt32BigEndian();
                    break;
                case FirewallSetAttribute.KeyType:
                    keyType = attributes.GetUInt32BigEndian();
                    break;
                case FirewallSetAttribute.DataType:
                    dataType = attributes.GetUInt32BigEndian();
                    break;
                default:
                    break;
            }
        }

        return flags.HasFlag(FirewallSetFlags.Anonymous) ? null : new FirewallSetState
        {
            Namespace = ns,
            Table = table,
            Name = name,
            KeyTypes = TypesOf(keyType),
            ValueTypes = dataType switch
            {
                0 => [],
                FirewallWire.VerdictType => [FirewallType.Verdict],
                _ => TypesOf(dataType),
            },
            IsInterval = flags.HasFlag(FirewallSetFlags.Interval),
        };
    }

    private static ImmutableArray<FirewallType> TypesOf(uint number)
    {
        const uint Mask = (1u << FirewallWire.TypeBits) - 1;
        var types = ImmutableArray.CreateBuilder<FirewallType>();
        do
        {
            types.Insert(0, (FirewallType)(number & Mask));
            number >>= FirewallWire.TypeBits;
        }
        while (number != 0);

        return types.ToImmutable();
    }

    // A chain of several devices has no single one; it is not ours, and does not pass as one of ours.
    private static BaseChain ReadHook(AttributeReader attributes)
    {
        var (hook, priority) = (0u, 0u);
        string? device = null;
        while (attributes.MoveNext())
        {
            switch ((FirewallHookAttribute)attributes.Type)
            {
                case FirewallHookAttribute.Number:
                    hook = attributes.GetUInt32BigEndian();
                    break;
                case FirewallHookAttribute.Priority:
                    priority = attributes.GetUInt32BigEndian();
                    break;
                case FirewallHookAttribute.Device:
                    device = attributes.GetString();
                    break;
                default:
                    break;
            }
        }

        return new BaseChain(string.Empty, (FirewallHook)hook, unchecked((int)priority), device);
    }
}
