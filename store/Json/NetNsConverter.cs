using System.Globalization;
using Networking.Model;

namespace Networking.Store;

/// <summary>A namespace cookie in decimal, as a string: JSON numbers lose digits beyond 53 bits in other readers.</summary>
internal sealed class NetNsConverter : TextConverter<NetNs>
{
    protected override string Noun => "a namespace cookie";

    protected override bool TryParse(string text, out NetNs value)
    {
        var parsed = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cookie);
        value = new NetNs(cookie);
        return parsed;
    }

    protected override string ToText(NetNs value) => value.Cookie.ToString(CultureInfo.InvariantCulture);
}
