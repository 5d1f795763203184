using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>
/// What a field that was left out holds. The generated reader of an <c>init</c> property passes <c>default</c> when the
/// field is missing, which undoes the initializer; so the accessors of the documents put the empty value back.
/// </summary>
internal static class Empty
{
    /// <summary>No options, labels or sysctls.</summary>
    public static ImmutableSortedDictionary<string, string> Pairs => ImmutableSortedDictionary<string, string>.Empty;
}
