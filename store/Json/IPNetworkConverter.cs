using System.Net;

namespace Networking.Store;

/// <summary>A prefix as <c>10.20.0.0/16</c>.</summary>
internal sealed class IPNetworkConverter : TextConverter<IPNetwork>
{
    protected override string Noun => "a prefix without host bits";

    protected override bool TryParse(string text, out IPNetwork value) => IPNetwork.TryParse(text, out value);

    protected override string ToText(IPNetwork value) => value.ToString();
}
