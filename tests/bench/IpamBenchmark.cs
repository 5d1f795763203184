using System.Diagnostics;
using System.Net;
using Networking.Ipam;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;

namespace Networking.Bench;

/// <summary>Leases of the cluster's ring from ranges the node owns, in this process: no network, no store.</summary>
internal static class IpamBenchmark
{
    private const string Pool = "all";
    private const double LeasesPerSecondMin = 1_000_000;
    private const double FullMegabytesMax = 20;
    private const int InTurn = 500_000;
    private static readonly IPNetwork s_prefix = IPNetwork.Parse("10.32.0.0/12");

    public static void Run(Stage stage)
    {
        var rounds = Math.Min(stage.Options.Rounds, 7);
        List<double> fill = [], turn = [], persistent = [], full = [];
        for (var round = 0; round < rounds; round++)
        {
            stage.Stop.ThrowIfCancellationRequested();
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var ring = new LoneRing();
            fill.Add(ring.Fill());
            full.Add(Math.Round((GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6, 2));
            turn.Add(new LoneRing().InTurn());
            persistent.Add(Persistent());
            GC.KeepAlive(ring);
        }

        var pool = new PeerIdentity("AddressPool", null, "the pool of one bridge network, where each lease is a new value");
        stage.Report.Add(Figure.Alone("ring: leases until a /12 is full", "leases/s", fill, Limit.AtLeast(LeasesPerSecondMin)));
        stage.Report.Add(Figure.Beside("ring: lease and release in turn", "leases/s", turn, pool, persistent));
        stage.Report.Add(Figure.Alone("ring: a fully used /12", "MB", full, Limit.AtMost(FullMegabytesMax)));
    }

    private static double Persistent()
    {
        var pool = AddressPool.Create(s_prefix);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < InTurn; i++)
        {
            var (result, next) = pool.Lease();
            pool = next.Release(((LeaseResult.Granted)result).Address);
        }

        return Math.Round(InTurn / watch.Elapsed.TotalSeconds);
    }

    /// <summary>A cluster of one, whose authority answers at once.</summary>
    private sealed class LoneRing
    {
        private readonly TermRegister _register = new();
        private readonly RingNode _node = new(new RingOptions(), new OwnerId(1), default, new Random(1));
        private readonly List<RingEffect> _effects = new(16);
        private TimeSpan _now = TimeSpan.FromHours(1);

        public LoneRing() => Step(new RingInput.OpenPool(Pool, s_prefix, Creates: true));

        /// <summary>Leases until there is nothing left: leases a second.</summary>
        public double Fill()
        {
            var lease = new RingInput.Lease(1, Pool, null);
            var count = (1 << (32 - s_prefix.PrefixLength)) - 2;
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < count; i++)
            {
                _ = Lease(lease);
            }

            return Math.Round(count / watch.Elapsed.TotalSeconds);
        }

        public double InTurn()
        {
            var lease = new RingInput.Lease(1, Pool, null);
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < IpamBenchmark.InTurn; i++)
            {
                var address = Lease(lease);
                _effects.Clear();
                _node.Step(_now, new RingInput.Release(Pool, address), _effects);
            }

            return Math.Round(IpamBenchmark.InTurn / watch.Elapsed.TotalSeconds);
        }

        private IPAddress Lease(RingInput lease)
        {
            _effects.Clear();
            _node.Step(_now, lease, _effects);
            var address = ((RingEffect.Leased)_effects[0]).Address;
            if (_effects.Count > 1)
            {
                Answer();
            }

            return address;
        }

        private void Step(RingInput input)
        {
            _effects.Clear();
            _node.Step(_now, input, _effects);
            Answer();
        }

        private void Answer()
        {
            foreach (var ask in _effects.OfType<RingEffect.Ask>().ToList())
            {
                _now += TimeSpan.FromMicroseconds(1);
                Step(new RingInput.Answered(_register.Answer(ask.Request)));
            }
        }
    }
}
