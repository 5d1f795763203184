using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Networking.Netlink;

/// <summary>
/// What a rule of somebody else says of interfaces: whether it asks for nothing else, and lets pass, drops, or leads to another
/// chain. Names have to be whole; a pattern such as <c>br-+</c> is a condition like any other.
/// </summary>
/// <param name="Input">The interface it asks packets to come from; null if none.</param>
/// <param name="Output">The interface it asks packets to leave by; null if none.</param>
/// <param name="Target">The chain that it leads to; null if none.</param>
/// <param name="IsPlain">Whether it asks for nothing but interfaces.</param>
/// <param name="Decides">Whether it lets pass, drops, or leads to another chain.</param>
/// <param name="LetsPass">Whether packets may pass by it.</param>
internal readonly record struct ForeignLinkRule(string? Input, string? Output, string? Target, bool IsPlain, bool Decides, bool LetsPass)
{
    private const int NameBytes = 16; // IFNAMSIZ
    private const uint Equal = 0; // NFT_CMP_EQ

    // The kernel takes almost any character for a name, but the text of a rule of ours must bear it.
    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:@-");

    /// <summary>True if it judges whatever leaves by <see cref="Output"/>, and does not just let it pass.</summary>
    public bool Guards => IsPlain && Decides && Output is not null && Input is null && !(LetsPass && Target is null);

    /// <summary>True if somebody forwards packets of its interfaces, or judges who may.</summary>
    public bool IsOfForwarder => IsPlain && Decides && (Input ?? Output) is not null && (LetsPass || Guards);

    /// <summary>Reads a rule's expressions.</summary>
    /// <exception cref="WireFormatException">The bytes are not nf_tables'.</exception>
    public static ForeignLinkRule Read(FirewallExpressionReader expressions)
    {
        var rule = new ForeignLinkRule(null, null, null, IsPlain: true, Decides: false, LetsPass: false);
        var loaded = FirewallMetaKey.Family; // none of those below
        while (expressions.MoveNext())
        {
            if (expressions.Is("meta"u8))
            {
                loaded = (FirewallMetaKey?)expressions.Number((ushort)FirewallMetaAttribute.Key) ?? FirewallMetaKey.Family;
            }
            else if (expressions.Is("cmp"u8))
            {
                rule = rule.WithComparison(expressions, loaded);
            }
            else if (expressions.Is("immediate"u8))
            {
                rule = rule.WithVerdict(expressions.Verdict((ushort)FirewallImmediateAttribute.Data));
            }
            else if (FirewallVerdictReader.Rejects(expressions))
            {
                rule = rule with { Decides = true };
            }
            else if (!FirewallVerdictReader.IsHarmless(expressions))
            {
                rule = rule with { IsPlain = false };
            }
        }

        return rule;
    }

    private ForeignLinkRule WithComparison(FirewallExpressionReader comparison, FirewallMetaKey loaded)
    {
        var data = comparison.Value((ushort)FirewallCompareAttribute.Data);
        var name = loaded switch
        {
            FirewallMetaKey.InputName or FirewallMetaKey.OutputName => NameOf(data),
            FirewallMetaKey.InputIndex or FirewallMetaKey.OutputIndex => SystemCalls.InterfaceName(data.Length == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(data) : 0),
            _ => null,
        };
        if (name is null || name.AsSpan().ContainsAnyExcept(s_nameCharacters))
        {
            return this with { IsPlain = false };
        }

        if (comparison.Number((ushort)FirewallCompareAttribute.Operator) != Equal)
        {
            return this; // all but one: as good as all
        }

        return loaded is FirewallMetaKey.InputName or FirewallMetaKey.InputIndex ? this with { Input = name } : this with { Output = name };
    }

    private ForeignLinkRule WithVerdict(string? verdict) => verdict?.Split(' ') switch
    {
        ["accept"] => this with { Decides = true, LetsPass = true },
        ["drop"] => this with { Decides = true },
        ["jump" or "goto", var chain] => this with { Decides = true, LetsPass = true, Target = chain },
        _ => this,
    };

    // A whole name ends with a zero byte, or fills its place; what does not is the beginning of names.
    private static string? NameOf(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)0);
        return end > 0 || value.Length == NameBytes ? Encoding.UTF8.GetString(end < 0 ? value : value[..end]) : null;
    }
}
