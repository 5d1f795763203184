using Networking.Gossip.Wire;

namespace Networking.Gossip;

/// <summary>What the parts of a node share: its time, its chance, its effects.</summary>
internal sealed class NodeContext(GossipOptions options, Random random)
{
    private const int ReportsMax = 1024;

    private readonly HashSet<(GossipTrouble, string)> _reported = [];
    private readonly long[] _counts = new long[Enum.GetValues<GossipTrouble>().Length];
    private List<GossipEffect> _effects = [];

    public GossipOptions Options { get; } = options;

    public Random Random { get; } = random;

    public WireMemo Memo { get; } = options.Memo ?? new WireMemo(WireMemo.PlacesOfNode);

    /// <summary>The time this node has lived through; see <see cref="ExperiencedTime"/>.</summary>
    public TimeSpan Now { get; set; }

    public void WriteTo(List<GossipEffect> effects) => _effects = effects;

    public void Emit(GossipEffect effect) => _effects.Add(effect);

    /// <summary>Counts a trouble, and names it the first time for its source.</summary>
    public void Report(GossipTrouble trouble, string source, string text)
    {
        Count(trouble);
        if (_reported.Count < ReportsMax && _reported.Add((trouble, source)))
        {
            Emit(new GossipEffect.Report(trouble, source, text));
        }
    }

    /// <summary>Counts a trouble that needs no name.</summary>
    public void Count(GossipTrouble trouble) => _counts[(int)trouble]++;

    public long CountOf(GossipTrouble trouble) => _counts[(int)trouble];

    public bool Has(PlantedBug bug) => Options.Planted == bug;
}
