using System.Collections.Immutable;
using System.Globalization;
using Networking.Model;

namespace Networking.Netd.Requests;

/// <summary>Turns the texts of <c>--publish</c> into specifications, collecting every mistake of all of them.</summary>
internal static class PublishReader
{
    /// <summary>Entries in one request.</summary>
    public const int EntriesMax = 4096;

    /// <summary>Ports in one request, counted in the sandbox: as many as there are.</summary>
    public const int PortsMax = ushort.MaxValue;

    /// <summary>Reads all texts.</summary>
    /// <param name="texts">Short forms (<c>[::1]:8080:80/tcp</c>) and long ones (<c>published=8080,target=80</c>).</param>
    /// <param name="expose">Who may reach those that do not say; null to leave it to the network.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="mayStand">Whether <paramref name="expose"/> may be about ports that stand, so that none has to be among the texts.</param>
    /// <returns>Those without a mistake, in order; nothing if there are too many.</returns>
    public static ImmutableArray<PublishSpec> Read(ImmutableArray<string> texts, string? expose, ICollection<Problem> problems, bool mayStand = false)
    {
        var byDefault = ReadDefault(expose, isUsed: mayStand || !texts.IsEmpty, problems);
        if (texts.Length > EntriesMax)
        {
            problems.Add(new Problem(
                "publish.many",
                PublishEntry.Field,
                string.Create(CultureInfo.InvariantCulture, $"{texts.Length} entries are more than the {EntriesMax} that a request may have"),
                "publish consecutive ports as ranges, such as 8000-8999:8000-8999"));
            return [];
        }

        var specs = ImmutableArray.CreateBuilder<PublishSpec>(texts.Length);
        var conflicts = new PublishConflicts(problems);
        var ports = 0;
        foreach (var text in texts)
        {
            var entry = new PublishEntry(text, problems);
            var spec = text.Contains('=', StringComparison.Ordinal) ? PublishLongForm.Read(entry) : PublishShortForm.Read(entry);
            if (spec is null)
            {
                continue;
            }

            ports += spec.Target.Count;
            if (ports <= PortsMax)
            {
                conflicts.Add(spec, entry);
            }

            specs.Add(spec with { Exposure = spec.Exposure ?? byDefault });
        }

        if (ports > PortsMax)
        {
            problems.Add(new Problem(
                "publish.many",
                PublishEntry.Field,
                string.Create(CultureInfo.InvariantCulture, $"{ports} ports are more than the {PortsMax} that there are"),
                "publish fewer"));
        }

        return specs.ToImmutable();
    }

    private static PortExposure? ReadDefault(string? expose, bool isUsed, ICollection<Problem> problems)
    {
        if (string.IsNullOrEmpty(expose))
        {
            return null;
        }

        if (!PublishEntry.TryReadExposure(expose, out var exposure))
        {
            problems.Add(new Problem("expose.invalid", "--expose", $"'{expose}' does not say who may reach a port", PublishEntry.Exposures));
            return null;
        }

        if (!isUsed)
        {
            problems.Add(new Problem("expose.unused", "--expose", "it says who may reach published ports, but none is published", "publish one with --publish, or leave --expose out"));
        }

        return exposure;
    }
}
