using Networking.Model;

namespace Networking.Store;

/// <summary>An interface address as <c>10.20.0.2/16</c>.</summary>
internal sealed class InterfaceAddressConverter : TextConverter<InterfaceAddress>
{
    protected override string Noun => "an interface address";

    protected override bool TryParse(string text, out InterfaceAddress value)
    {
        var parsed = Prefix.TryParseInterface(text, out var address, out _);
        value = address!; // Not null when parsed, and not looked at otherwise.
        return parsed;
    }

    protected override string ToText(InterfaceAddress value) => value.ToString();
}
