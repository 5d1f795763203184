namespace Networking.Ipam.Ring.Authority;

/// <summary>
/// Where terms and ownership are decided: a register that all nodes share, every request of which takes effect at one moment or not
/// at all. It may be slow, unreachable, or lose an answer; a request that was given up may still take effect later.
/// It needs no clock.
/// </summary>
public interface ITermAuthority
{
    /// <summary>Asks.</summary>
    /// <param name="request">What.</param>
    /// <param name="cancellationToken">Stops the waiting, not the commit.</param>
    ValueTask<AuthorityAnswer> AskAsync(AuthorityRequest request, CancellationToken cancellationToken);
}
