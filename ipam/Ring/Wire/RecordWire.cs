using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;
using Networking.Model.Wire;

namespace Networking.Ipam.Ring.Wire;

/// <summary>The parts of the ring's frames: records with their ranges by pool, pools, claims, offsets. What cannot be is refused.</summary>
internal static class RecordWire
{
    public const int ExpectationBytesMin = 9;

    private const int OffsetBytes = 16;
    private const int RecordBytesMin = 29;
    private const int PoolBytesMin = 8;
    private const int HoldingBytesMin = 5;

    public static void PutFlag(this WireWriter writer, bool value) => writer.PutByte(value ? (byte)1 : (byte)0);

    public static void PutPoolName(this WireWriter writer, string name) => writer.PutText(name);

    /// <summary>A count of bytes, 16 at most, then the number without leading zeros, big-endian.</summary>
    public static void PutOffset(this WireWriter writer, UInt128 offset)
    {
        Span<byte> bytes = stackalloc byte[OffsetBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, offset);
        writer.PutBlock(bytes.TrimStart((byte)0));
    }

    public static void PutClaim(this WireWriter writer, Claim claim)
    {
        writer.PutOffset(claim.First);
        writer.PutOffset(claim.Last);
        writer.PutNumber(claim.Version);
        writer.PutUInt64(claim.Owner.Value);
    }

    /// <summary>A flag, then name, creator, family, length and address.</summary>
    public static void PutPool(this WireWriter writer, PoolRecord? pool)
    {
        writer.PutFlag(pool is not null);
        if (pool is not null)
        {
            writer.PutPoolName(pool.Name);
            writer.PutUInt64(pool.Creator.Value);
            writer.PutByte((byte)pool.Prefix.PrefixLength);
            writer.PutBlock(pool.Prefix.BaseAddress.GetAddressBytes());
        }
    }

    public static void PutRecord(this WireWriter writer, NodeRecord record)
    {
        Model.Invariant.Check(record.Holdings.Length <= RingWireLimits.HoldingsMax, $"a record has at most {RingWireLimits.HoldingsMax} ranges: {record.Owner} has {record.Holdings.Length}");
        writer.PutUInt64(record.Owner.Value);
        writer.PutNumber(record.Generation);
        writer.PutNumber(record.Renewal);
        writer.PutUInt64(record.Run);
        writer.PutByte((byte)record.State);
        writer.PutUInt64(record.By.Value);
        writer.PutNumber((ulong)record.Revision);
        var pools = record.Holdings.GroupBy(static h => h.Pool).ToList(); // they are in order of pools
        writer.PutNumber((ulong)pools.Count);
        foreach (var pool in pools)
        {
            writer.PutPoolName(pool.Key);
            writer.PutNumber((ulong)pool.Count());
            foreach (var holding in pool)
            {
                writer.PutOffset(holding.First);
                writer.PutOffset(holding.Last);
                writer.PutNumber(holding.Version);
                writer.PutOffset(holding.Opened);
                writer.PutFlag(holding.IsWithheld);
                if (holding.IsWithheld)
                {
                    writer.PutUInt64(holding.Former.Value);
                }
            }
        }
    }

    public static bool ReadFlag(this ref WireReader reader) => reader.ReadChoice(1) == 1;

    public static byte ReadChoice(this ref WireReader reader, byte most)
    {
        var value = reader.ReadByte();
        if (value <= most)
        {
            return value;
        }

        reader.Fail();
        return 0;
    }

    public static ulong ReadNumber(this ref WireReader reader, ulong most)
    {
        var value = reader.ReadNumber();
        if (value <= most)
        {
            return value;
        }

        reader.Fail();
        return 0;
    }

    /// <summary>A count with two bounds: what the bytes left can hold, and what there may be.</summary>
    public static int ReadCount(this ref WireReader reader, int bytesEach, int most)
    {
        var count = reader.ReadCount(bytesEach);
        if (count <= most)
        {
            return count;
        }

        reader.Fail();
        return 0;
    }

    public static long ReadNonce(this ref WireReader reader, bool isNoneAllowed)
    {
        var value = (long)reader.ReadUInt64();
        if (value < 0 || (value == 0 && !isNoneAllowed))
        {
            reader.Fail();
        }

        return value;
    }

    public static uint ReadGeneration(this ref WireReader reader) => (uint)reader.ReadNumber(uint.MaxValue);

    public static OwnerId ReadOwner(this ref WireReader reader)
    {
        var owner = new OwnerId(reader.ReadUInt64());
        if (owner.IsNone)
        {
            reader.Fail();
        }

        return owner;
    }

    public static string ReadPoolName(this ref WireReader reader)
    {
        var name = reader.ReadText(RingWireLimits.PoolNameBytesMax);
        if (name.Length == 0)
        {
            reader.Fail();
        }

        return name;
    }

    public static UInt128 ReadOffset(this ref WireReader reader)
    {
        var block = reader.ReadBlock(OffsetBytes);
        if (block is [0, ..])
        {
            reader.Fail();
            return 0;
        }

        Span<byte> bytes = stackalloc byte[OffsetBytes];
        bytes.Clear();
        block.CopyTo(bytes[(OffsetBytes - block.Length)..]);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static Claim ReadClaim(this ref WireReader reader)
    {
        var claim = new Claim(reader.ReadOffset(), reader.ReadOffset(), reader.ReadNumber(), reader.ReadOwner());
        if (claim.First > claim.Last || claim.Version == 0)
        {
            reader.Fail();
        }

        return claim;
    }

    public static PoolRecord? ReadPool(this ref WireReader reader)
    {
        if (!reader.ReadFlag())
        {
            return null;
        }

        var (name, creator, length) = (reader.ReadPoolName(), reader.ReadOwner(), reader.ReadByte());
        var bytes = reader.ReadBlock(OffsetBytes);
        if (bytes.Length is not (4 or 16) || length == 0 || length > bytes.Length * 8
            || new IPAddress(bytes) is var address && !Model.Prefix.Mask(address, length).BaseAddress.Equals(address))
        {
            reader.Fail();
            return null;
        }

        return new PoolRecord(name, new IPNetwork(address, length), creator);
    }

    public static ImmutableArray<NodeRecord> ReadRecords(this ref WireReader reader, int most)
    {
        var count = reader.ReadCount(RecordBytesMin, most);
        var records = ImmutableArray.CreateBuilder<NodeRecord>(count);
        for (var i = 0; i < count && !reader.HasFailed; i++)
        {
            records.Add(reader.ReadRecord());
        }

        return records.DrainToImmutable();
    }

    public static NodeRecord ReadRecord(this ref WireReader reader)
    {
        var owner = reader.ReadOwner();
        var (generation, renewal, run) = (reader.ReadGeneration(), reader.ReadNumber(), reader.ReadUInt64());
        var (state, by, revision) = (reader.ReadChoice((byte)RecordState.Forgotten), reader.ReadUInt64(), reader.ReadNumber(long.MaxValue));
        return new NodeRecord(owner, generation, renewal, run, (RecordState)state, new OwnerId(by), ReadHoldings(ref reader), (long)revision);
    }

    private static ImmutableArray<Holding> ReadHoldings(ref WireReader reader)
    {
        var holdings = ImmutableArray.CreateBuilder<Holding>();
        for (var pools = reader.ReadCount(PoolBytesMin, RingWireLimits.HoldingsMax); pools > 0 && !reader.HasFailed; pools--)
        {
            var name = reader.ReadPoolName();
            var count = reader.ReadCount(HoldingBytesMin, RingWireLimits.HoldingsMax - holdings.Count);
            if (count == 0 || (holdings.Count > 0 && string.CompareOrdinal(holdings[^1].Pool, name) >= 0))
            {
                reader.Fail();
            }

            for (; count > 0 && !reader.HasFailed; count--)
            {
                var holding = new Holding(name, reader.ReadOffset(), reader.ReadOffset(), reader.ReadNumber(), reader.ReadOffset(), reader.ReadFlag() ? reader.ReadOwner() : default);
                if (!IsPossible(holding) || (holdings.Count > 0 && holdings[^1].Pool == name && holdings[^1].Last >= holding.First))
                {
                    reader.Fail();
                }

                holdings.Add(holding);
            }
        }

        return holdings.DrainToImmutable();
    }

    private static bool IsPossible(Holding holding) => holding.First <= holding.Last && holding.Last < UInt128.MaxValue && holding.Version > 0
        && holding.Opened <= holding.Length && (!holding.IsWithheld || holding.Opened == 0);
}
