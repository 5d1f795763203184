using Networking.Model;

namespace Networking.Store;

/// <summary>A port as <c>80</c>, several as <c>8000-8010</c>.</summary>
internal sealed class PortRangeConverter : TextConverter<PortRange>
{
    protected override string Noun => "a port or a range of ports";

    protected override bool TryParse(string text, out PortRange value) => PortRange.TryParse(text, out value, out _);

    protected override string ToText(PortRange value) => value.ToString();
}
