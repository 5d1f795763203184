using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// An element as the comment of its lines says it: set, key, value and owner, so that it is known again by whoever reads the
/// rules, also after a restart: <c>world_any4 tcp . 8080 : 10.0.0.2 . 80 @endpoint:web</c>.
/// </summary>
internal readonly record struct IptablesElement(string Set, string KeyText, string? Value, string? Owner)
{
    private const string BeforeValue = " : ";
    private const string BeforeOwner = " @";

    /// <summary>As said of an element of the model.</summary>
    public static IptablesElement Of(FirewallElementState element) =>
        new(element.Set, string.Join(" . ", element.KeyParts), element.Value, element.Comment);

    /// <summary>Reads what was said of a line; false if it is not about an element.</summary>
    public static bool TryParse(string about, out IptablesElement element)
    {
        element = default;
        var space = about.IndexOf(' ', StringComparison.Ordinal);
        var owner = about.LastIndexOf(BeforeOwner, StringComparison.Ordinal);
        if (space <= 0 || owner <= space)
        {
            return false;
        }

        var middle = about[(space + 1)..owner];
        var value = middle.IndexOf(BeforeValue, StringComparison.Ordinal);
        element = new IptablesElement(
            about[..space],
            value < 0 ? middle : middle[..value],
            value < 0 ? null : middle[(value + BeforeValue.Length)..],
            owner + BeforeOwner.Length == about.Length ? null : about[(owner + BeforeOwner.Length)..]);
        return element.KeyText.Length > 0;
    }

    /// <summary>The element of the model. Types are those of its set, which its key does not depend on.</summary>
    public FirewallElementState ToState(FirewallSetState? set) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.IptablesTable,
        Set = Set,
        KeyParts = [.. KeyText.Split(" . ")],
        KeyTypes = set?.KeyTypes ?? [],
        Value = Value,
        ValueTypes = set?.ValueTypes ?? ImmutableArray<FirewallType>.Empty,
        Comment = Owner,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Set} {KeyText}{(Value is null ? string.Empty : BeforeValue + Value)}{BeforeOwner}{Owner}";
}
