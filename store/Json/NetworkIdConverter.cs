using Networking.Model;

namespace Networking.Store;

/// <summary>A network id as its digits.</summary>
internal sealed class NetworkIdConverter : TextConverter<NetworkId>
{
    protected override string Noun => "a network id";

    protected override bool TryParse(string text, out NetworkId value)
    {
        value = new NetworkId(text);
        return text.Length > 0;
    }

    protected override string ToText(NetworkId value) => value.Value;
}
