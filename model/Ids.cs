namespace Networking.Model;

/// <summary>Identifies a network: 64 lower-case hex digits (FACTS 1.1). <c>default</c> means "none".</summary>
public readonly record struct NetworkId(string Value)
{
    /// <summary>The first twelve digits, as shown to people and used in device names.</summary>
    public string Short => Value[..12];

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Identifies an endpoint: 64 lower-case hex digits (FACTS 1.1). <c>default</c> means "none".</summary>
public readonly record struct EndpointId(string Value)
{
    /// <summary>The first twelve digits, as shown to people and used in device names.</summary>
    public string Short => Value[..12];

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Identifies a sandbox: 64 lower-case hex digits. <c>default</c> means "none".</summary>
public readonly record struct SandboxId(string Value)
{
    /// <summary>The first twelve digits, as shown to people.</summary>
    public string Short => Value[..12];

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>
/// Identifies a network namespace by the kernel's SO_NETNS_COOKIE, which is never reused within a boot
/// (inode numbers are). Zero is <see cref="Host"/>: the namespace the daemon itself runs in.
/// </summary>
public readonly record struct NetNs(ulong Cookie) : IComparable<NetNs>
{
    /// <summary>The daemon's own namespace.</summary>
    public static NetNs Host => default;

    /// <summary>True for the daemon's own namespace.</summary>
    public bool IsHost => Cookie == 0;

    /// <inheritdoc/>
    public int CompareTo(NetNs other) => Cookie.CompareTo(other.Cookie);

    /// <inheritdoc/>
    public override string ToString() => IsHost ? "host" : $"netns:{Cookie}";
}
