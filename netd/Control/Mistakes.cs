using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// What was found to be wrong with a request before its claims were tried. They are tried all the same, as far as the request
/// can be understood, so that everything that is wrong is told at once; nothing is granted.
/// </summary>
/// <param name="Own">What is wrong with it by itself, whatever is granted: the caller has to change it.</param>
/// <param name="Others">What of it somebody else has already.</param>
internal sealed record Mistakes(ImmutableArray<Problem> Own, ImmutableArray<Problem> Others)
{
    /// <summary>Nothing is wrong so far.</summary>
    public static Mistakes None { get; } = new([], []);

    public bool IsEmpty => Own.IsEmpty && Others.IsEmpty;

    /// <summary>Whether one of them is about the subnets of a network, or what is in them.</summary>
    public bool AreAboutSubnets => AreAbout("--subnet", "--gateway", "--ip-range", "--aux-address", "subnets", "gateways", "ipRanges", "auxAddresses");

    /// <summary>Whether one of them is about a part of the request, so that what it asks for there is not known.</summary>
    /// <param name="fields">Flags of the command line, and the request's own fields.</param>
    public bool AreAbout(params string[] fields) => Own.Any(p => fields.Any(f =>
        p.Field is { } field && field.StartsWith(f, StringComparison.Ordinal) && (field.Length == f.Length || field[f.Length] is '[' or '.')));
}
