using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Shell;
using Networking.Gossip.Tables;
using Networking.Ipam.Ring;
using Networking.Model;
using Networking.Model.Api;
using Networking.Store;

namespace Networking.Netd.Cluster;

/// <summary>
/// The ring of addresses beside gossip. Every node follows who owns what. The node that began the cluster, if it was told a pool, creates it and
/// owns all of it; it keeps the register of terms itself (<see cref="RingRegister"/>), which others cannot reach until there are managers: they own nothing.
/// <code>
///   gossip: rows, members ──► news, bounded ─┐
///   a second has passed ─────────────────────┴► RingNode.Step ──► register and memory: ring.json · rows: gossip · trouble: events
/// </code>
/// </summary>
internal sealed class RingKeeper(IPNetwork? prefix, RingFile file, ClusterKeeper cluster, ClusterNews news, TimeProvider time)
{
    /// <summary>The name of the pool.</summary>
    public const string Pool = "cluster";

    private const int NewsMax = 4096;
    private const int ReportsMax = 256;

    private readonly List<RingEffect> _effects = [];
    private readonly HashSet<(RingTrouble, OwnerId)> _reported = [];
    private Channel<GossipEffect>? _news; // made with the first: a daemon in no cluster does not load what it names
    private RingPicture _picture = RingPicture.Empty; // written by the loop alone, whole
    private GossipShell? _shell;
    private RingNode? _ring;
    private RingRegister? _register;
    private UInt128? _toldFree;
    private string? _standing; // why it stands still
    private int _isBehind;

    /// <summary>What is known, of the cluster that this node is in; nothing if it is in none.</summary>
    public ImmutableArray<IpamRangeDocument> Ranges => cluster.IsMember && cluster.Shell is { } shell ? Volatile.Read(ref _picture).Documents(new OwnerId(shell.Id.Value)) : [];

    /// <summary>Takes what gossip tells, in its loop: rows of the ring and members. What finds no place is looked up with the next second.</summary>
    public void Hear(GossipEffect effect)
    {
        var concerns = effect is GossipEffect.RowChanged row ? row.Key.Table is RingRowCodec.Table or RingPicture.FreeTable : effect is GossipEffect.MemberChanged && prefix is not null;
        if (concerns && !News.Writer.TryWrite(effect))
        {
            _ = Interlocked.Exchange(ref _isBehind, 1);
        }
    }

    private Channel<GossipEffect> News => LazyInitializer.EnsureInitialized(
        ref _news, static () => Channel.CreateBounded<GossipEffect>(new BoundedChannelOptions(NewsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }));

    /// <summary>Runs until cancelled. While its register cannot be read or written it stands still and says so; the rest of the daemon goes on.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(new RingOptions().TickInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (cluster.IsMember)
                {
                    await TendAsync(cancellationToken);
                }
                else if (_picture != RingPicture.Empty)
                {
                    Forget();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops. The ring does not leave: it goes on where it was.
        }
    }

    private async Task TendAsync(CancellationToken cancellationToken)
    {
        if (cluster.Shell is not { } shell)
        {
            (_shell, _ring) = (null, null);
            return;
        }

        try
        {
            if (shell != _shell)
            {
                Begin(shell);
            }

            while (News.Reader.TryRead(out var effect))
            {
                await TakeAsync(shell, effect);
            }

            if (Interlocked.Exchange(ref _isBehind, 0) != 0 && !shell.Completion.IsCompleted)
            {
                await LookAsync(shell, cancellationToken);
            }

            await StepAsync(shell, new RingInput.Tick());
            _standing = null;
        }
        catch (InvalidOperationException) when (shell.Completion.IsCompleted)
        {
            (_shell, _ring) = (null, null); // the node left while it was asked
        }
        catch (Exception e) when (e is IOException or StoreException)
        {
            (_shell, _ring) = (null, null); // begun anew from the disk, with the next tick
            Stand(e is StoreException ? e.Message : $"{e.Message} Make room: the ring stands still until it can be written."); // both name the file
        }
    }

    /// <summary>More was told at once than there is room for: all of it is read.</summary>
    private async Task LookAsync(GossipShell shell, CancellationToken cancellationToken)
    {
        var (members, rows) = await shell.AskAsync(static n => (n.Members, n.Read(ScopeId.Cluster).Rows), cancellationToken);
        foreach (var member in members)
        {
            await TakeAsync(shell, new GossipEffect.MemberChanged(member.Id, member.Status, member.Incarnation, member.Address));
        }

        foreach (var row in rows.Where(static r => r.Key.Table is RingRowCodec.Table or RingPicture.FreeTable))
        {
            await TakeAsync(shell, new GossipEffect.RowChanged(0, ScopeId.Cluster, row.Key, row.Owner, row.Value));
        }
    }

    /// <summary>Once for each reason, until it goes on.</summary>
    private void Stand(string why)
    {
        if (why != _standing)
        {
            _standing = why;
            news.Tell(new RingEffect.Report(RingTrouble.TermOver, "disk", why));
        }
    }

    private void Forget()
    {
        Show(RingPicture.Empty);
        while (News.Reader.TryRead(out _))
        {
            // Of a cluster that this node is in no longer.
        }
    }

    private void Begin(GossipShell shell)
    {
        (_shell, _ring, _toldFree) = (shell, null, null);
        Show(RingPicture.Empty);
        _ = Interlocked.Exchange(ref _isBehind, 1); // what was heard before this is looked up
        if (prefix is not { } pool || !cluster.HasBegunCluster)
        {
            return;
        }

        _register = RingRegister.Open(file);
        _ring = new RingNode(new RingOptions(), new OwnerId(shell.Id.Value), _register.Memory, new Random());
        _effects.Clear();
        _ring.Step(time.GetElapsedTime(0), new RingInput.OpenPool(Pool, pool, Creates: true), _effects);
    }

    private async Task TakeAsync(GossipShell shell, GossipEffect effect)
    {
        switch (effect)
        {
            case GossipEffect.MemberChanged member:
                await StepAsync(shell, new RingInput.MemberChanged(new OwnerId(member.Member.Value), member.Status is MemberStatus.Alive or MemberStatus.Suspect));
                break;
            case GossipEffect.RowChanged { Value: { } value } row when row.Key.Table == RingPicture.FreeTable:
                if (UInt128.TryParse(Encoding.ASCII.GetString(value.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var free))
                {
                    Show(_picture.With(row.Key.Key, new OwnerId(row.Owner.Value), free));
                }

                break;
            case GossipEffect.RowChanged { Value: { } value } row:
                await SeeAsync(shell, new OwnerId(row.Owner.Value), row.Key, value);
                break;
            default:
                break; // hidden or dropped: that takes nothing out of the ring
        }
    }

    private async Task SeeAsync(GossipShell shell, OwnerId owner, RowKey key, ImmutableArray<byte> value)
    {
        if (RingPicture.Read(key, owner, value) is not { } row)
        {
            Report(RingTrouble.BadMessage, owner, $"Node {owner} wrote a row of the ring that cannot be read: {key}.");
            return;
        }

        if (prefix is { } own && row.Pool == Pool && !own.Equals(row.Prefix))
        {
            Report(RingTrouble.OtherPrefix, owner, $"Node {owner} knows pool {row.Pool} as {row.Prefix}; here --cluster-pool is {own}. Give both the same range.");
        }

        Show(_picture.With(row, owner));
        if (owner.Value != shell.Id.Value)
        {
            await StepAsync(shell, new RingInput.RowSeen(owner, row));
        }
    }

    /// <summary>Once per kind and source.</summary>
    private void Report(RingTrouble trouble, OwnerId source, string text)
    {
        if (_reported.Count < ReportsMax && _reported.Add((trouble, source)))
        {
            news.Tell(new RingEffect.Report(trouble, $"{source}", text));
        }
    }

    private void Show(RingPicture picture) => Volatile.Write(ref _picture, picture);

    /// <summary>One step, and those that the register's answers make.</summary>
    private async Task StepAsync(GossipShell shell, RingInput input)
    {
        if (_ring is not { } ring)
        {
            return;
        }

        var inputs = new Queue<RingInput>([input]);
        while (inputs.TryDequeue(out var next))
        {
            ring.Step(time.GetElapsedTime(0), next, _effects);
            foreach (var effect in _effects.ToArray())
            {
                await DoAsync(shell, effect, inputs);
            }

            _effects.Clear();
        }

        if (ring.IsHolding && ring.Spare(Pool) is var free && free != _toldFree)
        {
            _toldFree = free;
            await shell.DoAsync(new GossipInput.Put(ScopeId.Cluster, new RowKey(RingPicture.FreeTable, Pool), [.. Encoding.ASCII.GetBytes(free.ToString(CultureInfo.InvariantCulture))]));
        }
    }

    private async Task DoAsync(GossipShell shell, RingEffect effect, Queue<RingInput> inputs)
    {
        switch (effect)
        {
            case RingEffect.Store store:
                _register!.Keep(store.Memory); // a ring that runs has one
                break;
            case RingEffect.Ask ask:
                inputs.Enqueue(new RingInput.Answered(_register!.Answer(ask.Request))); // as above
                break;
            case RingEffect.Publish publish:
                await shell.DoAsync(new GossipInput.Put(ScopeId.Cluster, RingPicture.KeyOf(publish.Pool, publish.Part), [.. RingRowCodec.Write(publish.Row)]));
                break;
            case RingEffect.Unpublish gone:
                await shell.DoAsync(new GossipInput.Remove(ScopeId.Cluster, RingPicture.KeyOf(gone.Pool, gone.Part)));
                break;
            case RingEffect.Report report:
                news.Tell(report);
                break;
            default:
                break; // nobody leases of the pool yet; and there is nobody to ask for more, who could have any
        }
    }
}
