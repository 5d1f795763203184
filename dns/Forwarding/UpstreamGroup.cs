using System.Collections.Immutable;
using System.Net;

namespace Networking.Dns;

/// <summary>The servers a sandbox asks, in its order, and the way to them.</summary>
public sealed class UpstreamGroup
{
    /// <summary>How many servers are asked at all; the C library takes no more of a resolv.conf either.</summary>
    public const int ServersMax = 3;

    private const int RoundsMax = 3;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(50);

    /// <param name="number">Tells its answers from those of other groups.</param>
    /// <param name="servers">The first is asked first; those beyond <see cref="ServersMax"/> are not asked.</param>
    /// <param name="sockets">The way to them.</param>
    public UpstreamGroup(int number, IEnumerable<IPEndPoint> servers, IUpstreamSockets sockets) =>
        (Number, Servers, Sockets) = (number, [.. servers.Take(ServersMax).Select(static s => new UpstreamServer(s))], sockets);

    /// <summary>Tells its answers from those of other groups.</summary>
    public int Number { get; }

    /// <summary>The servers.</summary>
    public ImmutableArray<UpstreamServer> Servers { get; }

    /// <summary>The way to them.</summary>
    public IUpstreamSockets Sockets { get; }

    /// <summary>
    /// Whom to ask when, if nobody has answered by then: those that are well in order, each after the patience for the one
    /// before; then those that rest; then all again, since datagrams are lost. One whose rest is over is tried at once, beside
    /// the first, so that trying it costs nobody time.
    /// </summary>
    /// <param name="now">Time on a clock that nobody sets: servers rest by it.</param>
    public ImmutableArray<UpstreamAttempt> Plan(TimeSpan now)
    {
        var well = Servers.Where(static s => s.IsWell).ToArray();
        var tried = Servers.Where(s => !s.IsWell && s.TryEndRest(now)).ToArray();
        UpstreamServer[] order = [.. well, .. Servers.Except(well).Except(tried)];
        var attempts = ImmutableArray.CreateBuilder<UpstreamAttempt>();
        attempts.AddRange(tried.Select(static s => new UpstreamAttempt(s, TimeSpan.Zero)));
        var at = TimeSpan.Zero;
        foreach (var server in order)
        {
            attempts.Add(new UpstreamAttempt(server, at));
            at += server.Patience;
        }

        for (var round = 1; round < RoundsMax; round++)
        {
            var start = Round * round;
            attempts.AddRange(Servers.Select((s, i) => new UpstreamAttempt(s, start + (Apart * i), IsRepeat: true)));
        }

        return [.. attempts.OrderBy(static a => a.After)];
    }
}

/// <summary>One try.</summary>
/// <param name="Server">Whom.</param>
/// <param name="After">How long after the beginning at the latest.</param>
/// <param name="IsRepeat">It was asked before.</param>
public sealed record UpstreamAttempt(UpstreamServer Server, TimeSpan After, bool IsRepeat = false);
