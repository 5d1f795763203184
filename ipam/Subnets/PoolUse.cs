namespace Networking.Ipam;

/// <summary>A pool and how much of it is in use.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Size">How many pieces it is cut into.</param>
/// <param name="Held">How many of them somebody holds an address of.</param>
/// <param name="Reserved">How many more of them have an address that is reserved.</param>
public sealed record PoolUse(SubnetPool Pool, UInt128 Size, UInt128 Held, UInt128 Reserved)
{
    /// <summary>How many are neither.</summary>
    public UInt128 Free => Size - Held - Reserved;
}
