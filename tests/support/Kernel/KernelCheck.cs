using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.TestSupport;

/// <summary>Compares a fake kernel with what was asked of it: everything asked is there, nothing else of ours is, nothing of others was touched.</summary>
public static class KernelCheck
{
    /// <summary>What is not as it should be, as sentences; empty when all is well.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="desired">What was asked, over all scopes.</param>
    /// <param name="isForgiven">Leftovers that a test knows to be nobody's fault.</param>
    public static ImmutableArray<string> Violations(
        FakeKernel kernel, IEnumerable<KernelState> desired, Predicate<KernelObject>? isForgiven = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var wanted = KernelState.Of(desired.SelectMany(static s => s.Objects));
        var actual = kernel.PeekAll();
        var foreign = kernel.Foreign;
        return
        [
            .. wanted.Objects.SelectMany(w => Compare(w, actual[w.Key], kernel)),
            .. actual.Objects
                .Where(a => !wanted.Contains(a.Key) && isForgiven?.Invoke(a) != true && IsLeftOver(a, foreign))
                .Select(static a => $"left over: {a.Describe()} in {a.Namespace}"),
            .. foreign.Objects
                .Where(f => !wanted.Contains(f.Key) && !Equals(actual[f.Key], f))
                .Select(static f => $"somebody else's was touched: {f.Describe()} in {f.Namespace}"),
            .. kernel.Misuses,
        ];
    }

    private static IEnumerable<string> Compare(KernelObject wanted, KernelObject? actual, FakeKernel kernel)
    {
        if (actual is null)
        {
            // A value that nobody ever wrote reads as zero.
            return wanted is SysctlState { Value: "0", Link: null }
                ? []
                : [$"missing: {wanted.Describe()} in {wanted.Namespace}"];
        }

        var difference = wanted.CompareTo(actual);
        if (difference.Kind != DifferenceKind.None)
        {
            return [$"not as asked: {wanted.Describe()} in {wanted.Namespace}: {string.Join(", ", difference.Fields)}"];
        }

        // Names decide nothing here: the two ends must be ends of one pair.
        return wanted is LinkState { Details: VethLink asked }
            && kernel.OtherEndOf(wanted.Key) != LinkState.KeyOf(asked.PeerNamespace, asked.PeerName)
            ? [$"another pair: {wanted.Describe()} leads to {kernel.OtherEndOf(wanted.Key)}"]
            : [];
    }

    private static bool IsLeftOver(KernelObject actual, KernelState foreign) => actual is SysctlState sysctl
        ? sysctl.Value != ((foreign[sysctl.Key] as SysctlState)?.Value ?? "0")
        : !foreign.Contains(actual.Key);
}
