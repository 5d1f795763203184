using Networking.Model;

namespace Networking.Store;

/// <summary>A hardware address as <c>02:42:ac:11:00:02</c>.</summary>
internal sealed class MacAddressConverter : TextConverter<MacAddress>
{
    protected override string Noun => "a hardware address";

    protected override bool TryParse(string text, out MacAddress value)
    {
        return MacAddress.TryParse(text, out value);
    }

    protected override string ToText(MacAddress value) => value.ToString();
}
