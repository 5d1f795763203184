namespace Networking.Gossip;

/// <summary>What a <see cref="NumberTable{T}"/> finds it by: random, and the same for good.</summary>
internal interface INumbered
{
    ulong Number { get; }
}

/// <summary>
/// Things by a number of their own, in one array: a node knows thousands of members, the rows of each, and the packets it had from each.
/// A dictionary takes three times the memory for them. Who sends or shows things sorts them: their places follow from chance.
/// </summary>
internal sealed class NumberTable<T>
    where T : class, INumbered
{
    private const int PlacesMin = 4;

    private T?[] _places = new T?[PlacesMin];

    public int Count { get; private set; }

    public T? Find(ulong number)
    {
        var at = PlaceOf(number);
        return _places[at];
    }

    /// <summary>Adds what is not there yet.</summary>
    public void Add(T item)
    {
        if (4 * (Count + 1) > 3 * _places.Length)
        {
            Grow();
        }

        var at = PlaceOf(item.Number);
        Model.Invariant.Check(_places[at] is null, "a number stands for one thing");
        _places[at] = item;
        Count++;
    }

    /// <summary>Puts a thing in the place of the one with its number.</summary>
    public void Replace(T item)
    {
        var at = PlaceOf(item.Number);
        Model.Invariant.Check(_places[at] is not null, "what is replaced is there");
        _places[at] = item;
    }

    public void Remove(ulong number)
    {
        var hole = PlaceOf(number);
        if (_places[hole] is null)
        {
            return;
        }

        // What follows without a gap moves up, if the way from its home leads over the hole.
        var mask = _places.Length - 1;
        for (var at = (hole + 1) & mask; _places[at] is { } item; at = (at + 1) & mask)
        {
            if (((at - Home(item.Number, mask)) & mask) >= ((at - hole) & mask))
            {
                _places[hole] = item;
                hole = at;
            }
        }

        _places[hole] = null;
        Count--;
    }

    /// <summary>What all of them together come to, in whatever order.</summary>
    public int Sum(Func<T, int> of)
    {
        var sum = 0;
        foreach (var item in _places)
        {
            sum += item is null ? 0 : of(item);
        }

        return sum;
    }

    /// <summary>All of them, by number; they may be removed meanwhile.</summary>
    public List<T> Sorted()
    {
        var sorted = new List<T>(Count);
        foreach (var item in _places)
        {
            if (item is not null)
            {
                sorted.Add(item);
            }
        }

        sorted.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        return sorted;
    }

    private static int Home(ulong number, int mask) => (int)((number * 0x9e37_79b9_7f4a_7c15) >> 32) & mask;

    /// <summary>Where a number is, or would be: one place at least is empty.</summary>
    private int PlaceOf(ulong number)
    {
        var mask = _places.Length - 1;
        var at = Home(number, mask);
        while (_places[at] is { } item && item.Number != number)
        {
            at = (at + 1) & mask;
        }

        return at;
    }

    private void Grow()
    {
        var before = _places;
        _places = new T?[2 * before.Length];
        foreach (var item in before)
        {
            if (item is not null)
            {
                _places[PlaceOf(item.Number)] = item;
            }
        }
    }
}
