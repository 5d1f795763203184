using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Shell;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Configuration;
using Networking.Netd.Control;
using Networking.Store;
using IHost = Networking.Kernel.IHost;

namespace Networking.Netd.Cluster;

/// <summary>
/// This node's place in a cluster: whether it takes part, as whom, with which keys. Takes part only if it was asked to, by request or
/// by flag; does so again after a restart, and tries again while it cannot.
/// <code>
///   off ── init, join, --join ──► on ◄──── 10 s ────► failed: the port is taken, no address …
///    ▲                             │
///    └──────── leave ──────────────┘
/// </code>
/// </summary>
internal sealed partial class ClusterKeeper(DaemonOptions options, ClusterFile file, IHost host, ClusterNews news, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int PeersKept = 8;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(1, 1); // one change of membership at a time
    private readonly Lock _fileGate = new(); // guards _record and the file: the shell's loop stores incarnations
    private ClusterRecord? _record;
    private GossipShell? _shell;
    private string? _failure;

    /// <summary>The running shell; null if there is none.</summary>
    public GossipShell? Shell => Volatile.Read(ref _shell);

    /// <summary>True if it is in a cluster, whether or not it can take part just now.</summary>
    public bool IsMember => Record is { IsMember: true };

    /// <summary>True if it is in a cluster that it did not join: it began it.</summary>
    public bool HasBegunCluster => Record is { IsMember: true, Seeds.IsEmpty: true };

    /// <summary>Reads what was, and what the flags ask for, and takes part if either says so.</summary>
    /// <exception cref="StoreException">The file is damaged, or a flag contradicts it: the daemon must not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _record = file.Read();
        if (!options.Join.IsEmpty)
        {
            Adopt(_record, ReadKey());
        }

        if (_record is { IsMember: true })
        {
            await TryBeginAsync(cancellationToken);
        }
    }

    /// <summary>Keeps the node in the cluster, and remembers whom it can reach, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Again, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (Record is not { IsMember: true })
                {
                    continue;
                }

                await _gate.WaitAsync(cancellationToken);
                try
                {
                    await TendAsync(cancellationToken);
                }
                finally
                {
                    _ = _gate.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
    }

    /// <summary>Closes the sockets without a goodbye: a daemon that is started again goes on where it was.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
        {
            await _shell.DisposeAsync();
        }

        _gate.Dispose();
    }

    /// <summary>The record, for reading.</summary>
    private ClusterRecord? Record
    {
        get
        {
            lock (_fileGate)
            {
                return _record;
            }
        }
    }

    private Secret? ReadKey()
    {
        if (options.ClusterKeyFile is not { } path)
        {
            return null;
        }

        try
        {
            return ClusterRing.TryRead(File.ReadAllText(path), out var key) is { } problem ? throw new StoreException($"--cluster-key-file {path}: {problem}") : key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"--cluster-key-file {path}: {e.Message}", e);
        }
    }

    /// <summary>Makes the flags part of the record. A node that is a member keeps its ring: keys are changed by request.</summary>
    private void Adopt(ClusterRecord? before, Secret? key)
    {
        var record = before ?? New();
        if (!record.IsMember && key is null)
        {
            throw new StoreException("--join needs --cluster-key-file with a key of the cluster; on a member: netctl cluster keys ls --secrets --quiet > FILE");
        }

        Save(record with
        {
            IsMember = true,
            Seeds = [.. options.Join.Select(static e => e.ToString())],
            Keys = record.IsMember ? record.Keys : [key!], // a newcomer has one, as was checked
            SealingKey = record.IsMember ? record.SealingKey : 0,
        });
    }

    private async Task TendAsync(CancellationToken cancellationToken)
    {
        if (_shell is { Completion.IsCompleted: true } ended)
        {
            await EndAsync(ended);
            Fail(ended.Completion.Exception?.InnerException?.Message ?? "its loop ended");
        }

        if (_shell is null && Record is { IsMember: true })
        {
            await TryBeginAsync(cancellationToken);
        }
        else if (_shell is { } shell)
        {
            await RememberPeersAsync(shell, cancellationToken);
        }
    }

    private async Task TryBeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            await BeginAsync(cancellationToken);
        }
        catch (Exception e) when (e is RefusedException or KernelException or InvalidDataException or ArgumentException)
        {
            Fail(e.Message);
        }
    }

    private void Fail(string reason)
    {
        if (_failure != reason)
        {
            _failure = reason;
            Log.ClusterFailed(logger, reason, (int)Again.TotalSeconds);
        }
    }

    /// <summary>Starts the shell by the record.</summary>
    /// <exception cref="RefusedException">There is no address to advertise, or the port is taken.</exception>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var record = Record!; // who begins has made it
        var listen = options.ClusterListen ?? (record.Listen is { } own ? ClusterAddress.Read(own) : ClusterAddress.Everywhere);
        var advertise = options.Advertise ?? (record.Advertise is { } said ? ClusterAddress.Read(said) : await ChooseAsync(listen, cancellationToken));
        var shell = Started(record, listen, advertise);
        Volatile.Write(ref _shell, shell);
        _failure = null;
        Log.ClusterBegun(logger, shell.Id, advertise);
        await shell.DoAsync(new GossipInput.Join([.. record.Seeds.Concat(record.Peers).Distinct().Select(static s => PeerAddress.From(ClusterAddress.Read(s)))]));
        await shell.DoAsync(new GossipInput.Settle()); // rows are written anew by who has any
    }

    private GossipShell Started(ClusterRecord record, IPEndPoint listen, IPEndPoint advertise)
    {
        var settings = new ShellSettings
        {
            Listen = listen,
            Advertise = advertise,
            Identity = new NodeIdentity(new NodeId(ulong.Parse(record.NodeId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)), record.Incarnation, DrawNumber(), default, ResumesRows: record is { Incarnation: > 0, HasLeft: false }),
            Keys = ClusterRing.Of(record),
            Random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue)),
            DrawSession = DrawNumber,
            StoreIncarnation = incarnation => Change(r => r with { Incarnation = incarnation, HasLeft = false }),
            Tell = news.Tell,
            Time = time,
        };
        try
        {
            return GossipShell.Start(settings);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressFamilyNotSupported && listen.Equals(ClusterAddress.Everywhere))
        {
            return GossipShell.Start(settings with { Listen = new IPEndPoint(IPAddress.Any, listen.Port) }); // a host without IPv6
        }
        catch (SocketException e)
        {
            throw new RefusedException(Refusal.Of(
                409, "cluster.listen", "listen", $"cannot listen at {listen}: {e.Message}", "another program has the port (ss -lunp), or the address is not of this host: --cluster-listen"));
        }
    }

    private async Task<IPEndPoint> ChooseAsync(IPEndPoint listen, CancellationToken cancellationToken) =>
        ClusterAddress.Choose(await host.ReadAsync([], cancellationToken), listen) ?? throw new RefusedException(Refusal.Of(
            409, "cluster.advertise", "advertise", "it is not clear by which address others reach this node: no default route, and not just one interface with an address", "say it: --advertise ADDRESS"));

    private async Task RememberPeersAsync(GossipShell shell, CancellationToken cancellationToken)
    {
        var alive = (await shell.AskAsync(static n => n.Members, cancellationToken)).Where(static m => m.Status == MemberStatus.Alive).Select(static m => m.Address.ToString()).ToHashSet();
        var wanted = Math.Min(PeersKept, alive.Count);
        if (Record is { } record && record.Peers.Count(alive.Contains) < wanted)
        {
            TryChange(r => r with { Peers = [.. r.Peers.Where(alive.Contains).Union(alive).Take(PeersKept)] });
        }
    }

    private async Task EndAsync(GossipShell shell)
    {
        Volatile.Write(ref _shell, null);
        await shell.DisposeAsync();
    }

    private static ClusterRecord New() => new() { NodeId = $"{DrawNumber():x16}" };

    private static ulong DrawNumber()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1; // never none
    }

    private void Save(ClusterRecord record)
    {
        try
        {
            lock (_fileGate)
            {
                file.Write(record);
                _record = record;
            }
        }
        catch (IOException e)
        {
            throw new StoreException($"{file.Path}: cannot be written: {e.Message} Nothing was changed.", e);
        }
    }

    private void Change(Func<ClusterRecord, ClusterRecord> change)
    {
        lock (_fileGate)
        {
            var record = change(_record!); // it exists as long as a node runs
            file.Write(record);
            _record = record;
        }
    }

    private void TryChange(Func<ClusterRecord, ClusterRecord> change)
    {
        try
        {
            Change(change);
        }
        catch (IOException e)
        {
            news.Tell(new GossipEffect.Report(GossipTrouble.DiskRefused, "peers", $"{file.Path}: {e.Message}"));
        }
    }
}
