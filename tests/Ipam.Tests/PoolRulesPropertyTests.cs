using System.Net;
using Networking.Model;

namespace Networking.Ipam.Tests;

/// <summary>Histories of a pool with range, order and rest, held against the plainest model: an array and a list.</summary>
public sealed class PoolRulesPropertyTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("10.0.0.0/28", null, false, 30, 1)]
    [InlineData("10.0.0.0/28", null, true, 30, 2)]
    [InlineData("10.0.0.0/26", "10.0.0.16/28", false, 60, 3)]
    [InlineData("10.0.0.0/26", "10.0.0.16/28", true, 60, 4)]
    [InlineData("fd00::/121", "fd00::40/124", true, 10, 5)]
    [InlineData("10.0.0.0/31", null, false, 5, 6)]
    [InlineData("10.0.0.0/25", "10.0.0.64/26", false, 0, 7)]
    [InlineData("10.0.0.4/32", "10.0.0.4/32", true, 5, 8)]
    public void A_pool_behaves_like_an_array_with_a_waiting_list(string prefix, string? range, bool isSerial, int restSeconds, int seed)
    {
        var random = new Random(seed);
        var rules = new PoolRules { Range = range is null ? null : IPNetwork.Parse(range), IsSerial = isSerial, Rest = TimeSpan.FromSeconds(restSeconds) };
        var pool = AddressPool.Create(IPNetwork.Parse(prefix), rules);
        var model = new Model(pool, rules);
        var now = s_start;
        for (var step = 0; step < 6000; step++)
        {
            now += TimeSpan.FromSeconds(random.Next(step / 500 % 2 == 0 ? 2 : 20));
            var slot = random.Next(model.Size);
            var isFilling = step / 700 % 2 == 0;
            switch (random.Next(10))
            {
                case 0:
                    (var asked, pool) = pool.Lease(model.At(slot), now);
                    Assert.Equal(model.TryAsk(slot), asked is LeaseResult.Granted);
                    break;
                case var n when n < (isFilling ? 4 : 8):
                    pool = pool.Release(model.At(slot), now);
                    model.Release(slot, now);
                    break;
                default:
                    var expected = model.Choose(now);
                    (var any, pool) = pool.Lease(null, now);
                    Assert.Equal(expected, (any as LeaseResult.Granted)?.Address);
                    break;
            }

            model.Check(pool, now);
        }
    }

    [Fact]
    public void A_rest_costs_the_same_whatever_is_leased()
    {
        _ = Cost(10);
        var (few, many) = (Cost(10), Cost(50_000));

        Assert.True(many - few < 512, $"with 10 leased a release and a lease allocate {few} bytes, with 50,000 {many}");
    }

    private static long Cost(int leased)
    {
        var pool = AddressPool.Create(IPNetwork.Parse("10.0.0.0/8"), new PoolRules { Rest = TimeSpan.FromSeconds(60) });
        for (var i = 0; i < leased; i++)
        {
            pool = pool.Lease(null, s_start).Pool;
        }

        // The same number at rest both times: what rests is bounded, and part of the cost.
        for (var i = 1; i <= 8; i++)
        {
            pool = pool.Release(IPAddress.Parse($"10.0.0.{i}"), s_start);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = pool.Release(IPAddress.Parse("10.0.0.9"), s_start).Lease(null, s_start);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class Model
    {
        private readonly IPNetwork _prefix;
        private readonly TimeSpan _rest;
        private readonly bool _isSerial;
        private readonly int _first;
        private readonly int _last;
        private readonly HashSet<int> _reserved = [];
        private readonly HashSet<int> _leased = [];
        private readonly List<(int Slot, DateTimeOffset Until)> _resting = [];
        private int _turn;

        public Model(AddressPool pool, PoolRules rules)
        {
            _prefix = pool.Prefix;
            _rest = rules.Rest;
            _isSerial = rules.IsSerial;
            var range = rules.Range ?? _prefix;
            Size = 1 << (Prefix.BitsOf(_prefix.BaseAddress) - _prefix.PrefixLength);
            _first = (int)(Prefix.ToNumber(range.BaseAddress) - Prefix.ToNumber(_prefix.BaseAddress));
            _last = (int)(Prefix.ToNumber(Prefix.LastAddress(range)) - Prefix.ToNumber(_prefix.BaseAddress));
            if (Size > 2)
            {
                _reserved.Add(0);
                _ = _prefix.PrefixLength <= 32 && _reserved.Add(Size - 1);
            }
        }

        public int Size { get; }

        public IPAddress At(int slot) => Prefix.FromNumber(Prefix.ToNumber(_prefix.BaseAddress) + (UInt128)slot, Prefix.BitsOf(_prefix.BaseAddress) == 128);

        public bool TryAsk(int slot)
        {
            if (_reserved.Contains(slot) || !_leased.Add(slot))
            {
                return false;
            }

            _ = _resting.RemoveAll(r => r.Slot == slot);
            return true;
        }

        public void Release(int slot, DateTimeOffset now)
        {
            if (_leased.Remove(slot) && _rest > TimeSpan.Zero && slot >= _first && slot <= _last)
            {
                _resting.Add((slot, now + _rest));
            }
        }

        public IPAddress? Choose(DateTimeOffset now)
        {
            _ = _resting.RemoveAll(r => r.Until <= now);
            var inRange = Enumerable.Range(_first, _last - _first + 1).Where(s => !_reserved.Contains(s) && !_leased.Contains(s)).ToArray();
            var free = inRange.Where(s => _resting.All(r => r.Slot != s)).ToArray();
            var order = _isSerial ? free : [.. free.Where(s => s >= _turn), .. free.Where(s => s < _turn)];
            if (order.Length == 0 && _resting.Count == 0)
            {
                return null;
            }

            var slot = order.Length > 0 ? order[0] : _resting[0].Slot;
            _ = TryAsk(slot);
            _turn = (slot + 1) % Size;
            return At(slot);
        }

        public void Check(AddressPool pool, DateTimeOffset now)
        {
            pool = pool.AsOf(now);
            var resting = _resting.Where(r => r.Until > now).ToArray();
            var taken = _leased.Concat(_reserved).Count(s => s >= _first && s <= _last);
            Assert.Equal((UInt128)_leased.Count, pool.LeasedCount);
            Assert.Equal(resting.Select(r => (At(r.Slot), r.Until)), pool.RestingAddresses);
            Assert.Equal((UInt128)(_last - _first + 1 - taken - resting.Length), pool.FreeCount);
        }
    }
}
