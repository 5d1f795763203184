using System.Net;

namespace Networking.Store;

/// <summary>An IP address as text.</summary>
internal sealed class IPAddressConverter : TextConverter<IPAddress>
{
    protected override string Noun => "an IP address";

    protected override bool TryParse(string text, out IPAddress value)
    {
        var parsed = IPAddress.TryParse(text, out var address);
        value = address ?? IPAddress.None;
        return parsed;
    }

    protected override string ToText(IPAddress value) => value.ToString();
}
