namespace Networking.Netctl.Completion;

/// <summary>
/// Names that only the daemon knows. Completing is synchronous and pure: the first pass notes which names it would
/// have liked, they are fetched, the second pass has them.
/// </summary>
internal sealed class KnownNames
{
    private IReadOnlyList<string>? _networks;
    private IReadOnlyList<string>? _sandboxes;

    /// <summary>True if network names were asked for and are not known.</summary>
    public bool WantsNetworks { get; private set; }

    /// <summary>True if sandbox names were asked for and are not known.</summary>
    public bool WantsSandboxes { get; private set; }

    /// <summary>True if anything was asked for and is not known.</summary>
    public bool IsWanted => WantsNetworks || WantsSandboxes;

    public IEnumerable<string> Networks()
    {
        WantsNetworks |= _networks is null;
        return _networks ?? [];
    }

    public IEnumerable<string> Sandboxes()
    {
        WantsSandboxes |= _sandboxes is null;
        return _sandboxes ?? [];
    }

    public void LearnNetworks(IEnumerable<string> names) => (_networks, WantsNetworks) = ([.. names], false);

    public void LearnSandboxes(IEnumerable<string> names) => (_sandboxes, WantsSandboxes) = ([.. names], false);
}
