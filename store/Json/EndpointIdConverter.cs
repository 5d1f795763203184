using Networking.Model;

namespace Networking.Store;

/// <summary>An endpoint id as its digits.</summary>
internal sealed class EndpointIdConverter : TextConverter<EndpointId>
{
    protected override string Noun => "an endpoint id";

    protected override bool TryParse(string text, out EndpointId value)
    {
        value = new EndpointId(text);
        return text.Length > 0;
    }

    protected override string ToText(EndpointId value) => value.Value;
}
