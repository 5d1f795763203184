namespace Networking.Drivers;

/// <summary>The option that says what interface names in sandboxes begin with.</summary>
internal static class InterfacePrefix
{
    private const string Default = "eth";

    public static DriverOption Option { get; } = new("com.docker.network.container_iface_prefix", "ifname-prefix");

    public static string Read(OptionReader reader)
    {
        if (reader.Text(Option) is not var (key, value))
        {
            return Default;
        }

        if (!InterfaceName.IsValidPrefix(value, out var problem))
        {
            reader.RefuseValue(key, value, problem, $"choose up to {InterfaceName.PrefixBytesMax} letters, digits, _ . or -; a number follows");
        }

        return value;
    }
}
