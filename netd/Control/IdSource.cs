using System.Buffers.Binary;
using System.Security.Cryptography;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Where ids and hardware addresses come from, so that a test can seed them.</summary>
internal interface IIdSource
{
    /// <summary>64 lower-case hex digits.</summary>
    string NewId();

    /// <summary>A locally administered unicast address.</summary>
    MacAddress NewMac();
}

/// <summary>Ids from the system's random source.</summary>
internal sealed class RandomIdSource : IIdSource
{
    public string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public MacAddress NewMac()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return MacAddress.FromRandom(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
    }
}
