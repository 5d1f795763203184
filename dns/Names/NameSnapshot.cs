using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Dns;

/// <summary>
/// Every name of this node at one moment, and which sandbox sees which. Immutable, so that a question is answered from one
/// moment without a lock; whoever keeps it publishes the next one by one write.
/// </summary>
/// <remarks>
/// A name is looked for as a whole on each network of the sandbox in gateway order, then with its end as the name of a network:
/// <c>a.b.c</c> is <c>a.b.c</c> anywhere, <c>a.b</c> on <c>c</c>, <c>a</c> on <c>b.c</c>. The first network that knows it answers alone.
/// </remarks>
public sealed class NameSnapshot
{
    private const string Tasks = "tasks.";

    private readonly ImmutableDictionary<NetworkId, NetworkNames> _networks;
    private readonly ImmutableDictionary<string, NetworkId> _networksByName;
    private readonly ImmutableDictionary<SandboxId, SandboxNames> _sandboxes;
    private readonly PlantedBug _planted;

    private NameSnapshot(
        ImmutableDictionary<NetworkId, NetworkNames> networks,
        ImmutableDictionary<string, NetworkId> networksByName,
        ImmutableDictionary<SandboxId, SandboxNames> sandboxes,
        PlantedBug planted = PlantedBug.None)
    {
        (_networks, _networksByName, _sandboxes, _planted) = (networks, networksByName, sandboxes, planted);
    }

    /// <summary>No names.</summary>
    public static NameSnapshot Empty { get; } = new(
        ImmutableDictionary<NetworkId, NetworkNames>.Empty, ImmutableDictionary<string, NetworkId>.Empty, ImmutableDictionary<SandboxId, SandboxNames>.Empty);

    /// <summary>With a mistake that tests must find; what comes of it has it too.</summary>
    internal NameSnapshot WithPlanted(PlantedBug bug) => new(_networks, _networksByName, _sandboxes, bug);

    /// <summary>The names of a network; null if it is not known.</summary>
    public NetworkNames? Network(NetworkId id) => _networks.GetValueOrDefault(id);

    /// <summary>What is known of a sandbox; null if nothing is.</summary>
    public SandboxNames? Sandbox(SandboxId id) => _sandboxes.GetValueOrDefault(id);

    /// <summary>With a network as it is now.</summary>
    public NameSnapshot With(NetworkNames network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (_planted == PlantedBug.StaleName && Network(network.Id) is { } before && before.Count > network.Count)
        {
            return this;
        }

        return new NameSnapshot(_networks.SetItem(network.Id, network), _networksByName.SetItem(network.LowerName, network.Id), _sandboxes, _planted);
    }

    /// <summary>Without a network and all of its names.</summary>
    public NameSnapshot Without(NetworkId id) =>
        _networks.TryGetValue(id, out var network)
            ? new NameSnapshot(
                _networks.Remove(id),
                _networksByName.GetValueOrDefault(network.LowerName) == id ? _networksByName.Remove(network.LowerName) : _networksByName,
                _sandboxes,
                _planted)
            : this;

    /// <summary>With a sandbox as it is now.</summary>
    public NameSnapshot With(SandboxNames sandbox)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        return new NameSnapshot(_networks, _networksByName, _sandboxes.SetItem(sandbox.Id, sandbox), _planted);
    }

    /// <summary>Without a sandbox.</summary>
    public NameSnapshot Without(SandboxId id) => new(_networks, _networksByName, _sandboxes.Remove(id), _planted);

    /// <summary>What a sandbox is told about a name.</summary>
    /// <param name="sandbox">Who asks.</param>
    /// <param name="name">A plain name on the wire, in any letters.</param>
    /// <param name="type">What is asked of it.</param>
    public NameVerdict Resolve(SandboxNames sandbox, ReadOnlySpan<byte> name, RecordType type)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        if (ReverseName.Address(name) is { } address)
        {
            return Reverse(sandbox, address);
        }

        Span<char> text = stackalloc char[NameWire.BytesMax];
        var length = LowerText(name, text);
        if (length <= 0)
        {
            return NameVerdict.Unknown; // the root, or letters that no name of ours has
        }

        text = text[..length];
        if (Find(sandbox, text) is { } targets)
        {
            return new NameVerdict(NameVerdictKind.Found, targets);
        }

        var host = ServiceHost(text);
        if (host > 0 && Find(sandbox, text[host..]) is { } served)
        {
            return new NameVerdict(NameVerdictKind.Found, served, IsService: true);
        }

        return _planted == PlantedBug.LeakedName ? NameVerdict.Unknown
            : IsOurs(text[host..]) || IsElsewhere(text[host..]) || (!text.Contains('.') && AsksForHost(type))
            ? NameVerdict.NoSuchName
            : NameVerdict.Unknown;

        // A service's host without a dot, and tasks of one, can be nobody else's.
        bool IsOurs(ReadOnlySpan<char> name) =>
            (host > 0 && !name.Contains('.')) || (name.StartsWith(Tasks) && !name[Tasks.Length..].Contains('.'));
    }

    // Other types of a name without a dot are questions about a zone: a validating resolver asks for DS of "com".
    private static bool AsksForHost(RecordType type) => type is RecordType.A or RecordType.Aaaa or RecordType.Https or RecordType.Any;

    private NameVerdict Reverse(SandboxNames sandbox, IPAddress address)
    {
        var isOurs = false;
        foreach (var id in sandbox.Networks)
        {
            if (_networks.TryGetValue(id, out var network))
            {
                if (network.Find(address) is { FullName.IsEmpty: false } target)
                {
                    return new NameVerdict(NameVerdictKind.Found, ImmutableSortedSet.Create(NameTarget.ByKey, target), IsReverse: true);
                }

                isOurs |= network.Holds(address);
            }
        }

        return isOurs ? NameVerdict.NoSuchName : NameVerdict.Unknown;
    }

    private ImmutableSortedSet<NameTarget>? Find(SandboxNames sandbox, ReadOnlySpan<char> text)
    {
        var whole = text.ToString();
        if (sandbox.Links.TryGetValue(whole, out var meant) && meant != whole && FindOn(sandbox, meant) is { } linked)
        {
            return linked;
        }

        return FindOn(sandbox, whole);
    }

    private ImmutableSortedSet<NameTarget>? FindOn(SandboxNames sandbox, string whole)
    {
        foreach (var id in _planted == PlantedBug.WrongNetwork ? _networks.Keys : sandbox.Networks)
        {
            if (_networks.TryGetValue(id, out var network) && network.Find(whole) is { } targets)
            {
                return targets;
            }
        }

        // The shortest name of a network first, as the dots come from the right.
        for (var dot = whole.LastIndexOf('.'); dot > 0; dot = whole.LastIndexOf('.', dot - 1))
        {
            if (Attached(sandbox, whole.AsSpan(dot + 1)) is { } network && network.Find(whole[..dot]) is { } targets)
            {
                return targets;
            }
        }

        return null;
    }

    private NetworkNames? Attached(SandboxNames sandbox, ReadOnlySpan<char> name)
    {
        foreach (var id in sandbox.Networks)
        {
            if (_networks.TryGetValue(id, out var network) && name.SequenceEqual(network.LowerName))
            {
                return network;
            }
        }

        return null;
    }

    // What is one of ours on a network that the sandbox is not on is nobody's business here, nor upstream's.
    private bool IsElsewhere(ReadOnlySpan<char> text)
    {
        var whole = text.ToString();
        for (var dot = whole.LastIndexOf('.'); dot > 0; dot = whole.LastIndexOf('.', dot - 1))
        {
            if (_networksByName.TryGetValue(whole[(dot + 1)..], out var id) && _networks[id].Find(whole[..dot]) is not null)
            {
                return true;
            }
        }

        return false;
    }

    // Where the host begins in _port._protocol.host; zero if it is not of that form.
    private static int ServiceHost(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("_") || text.IndexOf('.') is var first && first <= 1)
        {
            return 0;
        }

        var rest = text[(first + 1)..];
        var second = rest.IndexOf('.');
        return rest.StartsWith("_") && second > 1 ? first + second + 2 : 0;
    }

    // A label with a dot or anything else that needs escaping is no name of ours.
    private static int LowerText(ReadOnlySpan<byte> name, Span<char> text)
    {
        var length = 0;
        for (var at = 0; at < name.Length && name[at] != 0; at += name[at] + 1)
        {
            if (at > 0)
            {
                text[length++] = '.';
            }

            foreach (var value in name.Slice(at + 1, name[at]))
            {
                if (value is (byte)'.' or <= 0x20 or >= 0x7f)
                {
                    return -1;
                }

                text[length++] = (char)(value is >= (byte)'A' and <= (byte)'Z' ? value | 0x20 : value);
            }
        }

        return length;
    }
}
