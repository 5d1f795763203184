using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Tests.Control;

/// <summary>Ids that a seed decides.</summary>
internal sealed class SeededIdSource(Random random) : IIdSource
{
    public string NewId()
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public MacAddress NewMac() => MacAddress.FromRandom((ulong)random.NextInt64());
}
