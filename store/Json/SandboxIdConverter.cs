using Networking.Model;

namespace Networking.Store;

/// <summary>A sandbox id as its digits.</summary>
internal sealed class SandboxIdConverter : TextConverter<SandboxId>
{
    protected override string Noun => "a sandbox id";

    protected override bool TryParse(string text, out SandboxId value)
    {
        value = new SandboxId(text);
        return text.Length > 0;
    }

    protected override string ToText(SandboxId value) => value.Value;
}
