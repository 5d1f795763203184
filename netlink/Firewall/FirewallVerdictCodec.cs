namespace Networking.Netlink;

/// <summary>Between a verdict's text (<c>accept</c>, <c>jump web</c>) and its attribute NFTA_DATA_VERDICT.</summary>
internal static class FirewallVerdictCodec
{
    public static bool TryParse(ReadOnlySpan<char> text, out FirewallVerdictCode code, out ReadOnlySpan<char> chain)
    {
        chain = default;
        var space = text.IndexOf(' ');
        if (space > 0)
        {
            chain = text[(space + 1)..];
            text = text[..space];
        }

        code = text switch
        {
            "accept" => FirewallVerdictCode.Accept,
            "drop" => FirewallVerdictCode.Drop,
            "return" => FirewallVerdictCode.Return,
            "continue" => FirewallVerdictCode.Continue,
            "jump" => FirewallVerdictCode.Jump,
            "goto" => FirewallVerdictCode.Goto,
            _ => (FirewallVerdictCode)int.MinValue,
        };
        var needsChain = code is FirewallVerdictCode.Jump or FirewallVerdictCode.Goto;
        return code != (FirewallVerdictCode)int.MinValue && needsChain == !chain.IsEmpty && !chain.Contains(' ');
    }

    public static void Put(ref NetlinkWriter writer, FirewallVerdictCode code, scoped ReadOnlySpan<char> chain)
    {
        var nest = writer.BeginNest((ushort)FirewallDataAttribute.Verdict);
        writer.PutUInt32BigEndian((ushort)FirewallVerdictAttribute.Code, unchecked((uint)code));
        if (!chain.IsEmpty)
        {
            writer.PutString((ushort)FirewallVerdictAttribute.Chain, chain);
        }

        writer.EndNest(nest);
    }

    public static string Read(AttributeReader verdict)
    {
        var code = FirewallVerdictCode.Drop;
        string? chain = null;
        while (verdict.MoveNext())
        {
            switch ((FirewallVerdictAttribute)verdict.Type)
            {
                case FirewallVerdictAttribute.Code:
                    code = (FirewallVerdictCode)unchecked((int)verdict.GetUInt32BigEndian());
                    break;
                case FirewallVerdictAttribute.Chain:
                    chain = verdict.GetString();
                    break;
                default:
                    break;
            }
        }

        var word = code switch
        {
            FirewallVerdictCode.Accept => "accept",
            FirewallVerdictCode.Drop => "drop",
            FirewallVerdictCode.Return => "return",
            FirewallVerdictCode.Continue => "continue",
            FirewallVerdictCode.Jump => "jump",
            FirewallVerdictCode.Goto => "goto",
            _ => $"verdict {(int)code}",
        };
        return chain is null ? word : $"{word} {chain}";
    }
}
