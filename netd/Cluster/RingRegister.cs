using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Wire;
using Networking.Model;
using Networking.Store;

namespace Networking.Netd.Cluster;

/// <summary>The register of terms on this node's disk, with what its ring remembers: both are written before anybody goes by them. For one thread at a time.</summary>
internal sealed class RingRegister
{
    private readonly RingFile _file;
    private readonly TermRegister _register;
    private RingRecord _record;

    private RingRegister(RingFile file, RingRecord record, TermRegister register) => (_file, _record, _register) = (file, record, register);

    public RingMemory Memory => new(_record.Generation, _record.Renewal, _record.Run, _record.NextRun);

    /// <exception cref="StoreException">What is on the disk cannot be read.</exception>
    public static RingRegister Open(RingFile file)
    {
        var record = file.Read() ?? new RingRecord();
        if (record.Register.IsEmpty)
        {
            return new RingRegister(file, record, new TermRegister());
        }

        var kept = RingCodec.ReadAnswer(record.Register.Span, out var refusal) ?? throw file.Damaged($"its register is no such thing ({refusal}).");
        return new RingRegister(file, record, new TermRegister(kept.Records, kept.Pool is { } pool ? [pool] : []));
    }

    /// <exception cref="IOException">The disk did not take it.</exception>
    public void Keep(RingMemory memory) =>
        Write(_record with { Generation = memory.Generation, Renewal = memory.Renewal, Run = memory.Run, NextRun = memory.NextRun });

    /// <summary>Answers a request; what it changed is on the disk then.</summary>
    /// <exception cref="IOException">The disk did not take it: this register is not to be used any more, the one on the disk stands.</exception>
    public AuthorityAnswer Answer(AuthorityRequest request)
    {
        var answer = _register.Answer(request);
        if (answer.IsCommitted)
        {
            Write(_record with { Register = RingCodec.Write(new AuthorityAnswer(1, false, [.. _register.Nodes], _register.Pools.SingleOrDefault())) });
        }

        return answer;
    }

    private void Write(RingRecord record)
    {
        _file.Write(record);
        _record = record;
    }
}
