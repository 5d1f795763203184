namespace Networking.Netns.Tests;

/// <summary>An address of the host that is not ::1, for as long as a test needs it.</summary>
internal sealed class HostIpv6Address : IDisposable
{
    private readonly string _address;

    private HostIpv6Address(string address) => _address = address;

    public static async Task<HostIpv6Address> AddAsync(string address)
    {
        Lab.Run("ip", "-6", "address", "add", $"{address}/128", "dev", "lo", "nodad");

        // The kernel takes packets for it a little later than it says that it has it.
        await Lab.UntilAsync(
            () => Lab.Run("ip", "-6", "route", "show", "table", "local").Contains(address, StringComparison.Ordinal),
            () => Lab.Run("ip", "-6", "route", "show", "table", "all"));
        return new HostIpv6Address(address);
    }

    public void Dispose() => Lab.Run("ip", "-6", "address", "del", $"{_address}/128", "dev", "lo");
}
