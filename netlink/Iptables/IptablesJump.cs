namespace Networking.Netlink;

/// <summary>The one jump from a chain of the kernel's own into one of ours. It stands first, so that nothing is judged before.</summary>
internal static class IptablesJump
{
    /// <summary>The jump into a chain.</summary>
    public static IptablesLine To(string chain) => IptablesLine.Of("netd stands first", 0, string.Empty, $"-j {chain}");

    /// <summary>The chain of ours that a rule leads to; null if it leads to none.</summary>
    public static string? TargetOf(IptablesLine line)
    {
        var words = line.Text.Split(' ');
        return words is [.., "-j" or "-g", var target] && IptablesChainName.IsOurs(target) ? target : null;
    }

    /// <summary>What is wrong with the jump of a chain of the kernel's own; null if it stands once, and first.</summary>
    /// <param name="lines">The chain's rules; null if the kernel has not even made the table.</param>
    /// <param name="chain">The chain that it should lead to.</param>
    /// <param name="mayBeLater">Whether another tool may stand before it.</param>
    public static string? ProblemOf(List<IptablesLine>? lines, string chain, bool mayBeLater)
    {
        var found = (lines ?? []).Select(static (line, at) => (Target: TargetOf(line), At: at)).Where(static j => j.Target is not null).ToArray();
        return found switch
        {
            [] => $"no jump to {chain}",
            [var only] when only.Target == chain => only.At == 0 || mayBeLater ? null : $"{only.At} rules of others before the jump to {chain}",
            _ => $"{found.Length} jumps to chains of ours",
        };
    }
}
