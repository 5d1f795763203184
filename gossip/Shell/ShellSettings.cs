using System.Net;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Shell;

/// <summary>What a shell needs to run a node.</summary>
public sealed record ShellSettings
{
    /// <summary>Where it listens, by UDP and TCP; port 0 takes a free one. <c>::</c> hears IPv4, too.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Where others reach it; its port is that of <see cref="Listen"/> if it is 0.</summary>
    public required IPEndPoint Advertise { get; init; }

    /// <summary>Who it is; its address is replaced by <see cref="Advertise"/>.</summary>
    public required NodeIdentity Identity { get; init; }

    /// <summary>The ring.</summary>
    public required Keyring Keys { get; init; }

    /// <summary>Times and bounds.</summary>
    public GossipOptions Options { get; init; } = new();

    /// <summary>Chance: whom to ask and tell.</summary>
    public required Random Random { get; init; }

    /// <summary>64 random bits that nobody can guess or repeat.</summary>
    public required Func<ulong> DrawSession { get; init; }

    /// <summary>Writes an incarnation to disk before anybody hears of it. An <see cref="IOException"/> is named, and the node goes on.</summary>
    public Action<uint> StoreIncarnation { get; init; } = static _ => { };

    /// <summary>
    /// Told of members, rows, trouble and refusals as they happen, in the shell's own loop: to be quick, and not to wait for the shell.
    /// </summary>
    public Action<GossipEffect> Tell { get; init; } = static _ => { };

    /// <summary>Clock and timers.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
