using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>Operations of one lane of one namespace that travel together in one send.</summary>
/// <param name="Namespace">Where they are done.</param>
/// <param name="Lane">Their lane; <see cref="Lane.Firewall"/> is all or nothing.</param>
/// <param name="Operations">In order.</param>
public sealed record KernelBatch(NetNs Namespace, Lane Lane, ImmutableArray<KernelOperation> Operations);

/// <summary>Why the kernel refused something.</summary>
/// <param name="Errno">Positive errno.</param>
/// <param name="ErrnoName">Its symbol, such as <c>EEXIST</c>.</param>
/// <param name="Operation">What was tried, as a sentence without a subject: <c>create link br0</c>.</param>
/// <param name="KernelText">The kernel's extended acknowledgement; null if it gave none.</param>
/// <param name="Offset">Byte offset of the offending attribute in the request; null if not given.</param>
/// <param name="IsTransient">True if trying again later may help (EBUSY, EAGAIN, ENOBUFS, EINTR, ENOMEM …).</param>
public sealed record KernelError(
    int Errno, string ErrnoName, string Operation, string? KernelText = null, int? Offset = null, bool IsTransient = false)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"cannot {Operation}: {(KernelText is null ? string.Empty : KernelText + " ")}({ErrnoName})";
}

/// <summary>The outcome of one operation; no error means done.</summary>
public readonly record struct OperationResult(KernelError? Error)
{
    /// <summary>Done.</summary>
    public static OperationResult Done => default;

    /// <summary>True if it was done.</summary>
    public bool IsDone => Error is null;
}

/// <summary>What to read of a namespace.</summary>
/// <param name="Namespace">Which.</param>
/// <param name="OwnerTag">Everything with this mark is read (links by alias, our table, our route and address protocol).</param>
/// <param name="Wanted">Besides, these objects are read if they are there, whoever owns them (an adopted bridge, a sysctl).</param>
public sealed record Observation(NetNs Namespace, string OwnerTag, ImmutableArray<KernelObject> Wanted);

/// <summary>
/// The kernel, as the reconciler sees it: the only way to write. Two implementations: netlink, and the fake of the tests;
/// the counting and failing wrapper of the tests stands before either.
/// </summary>
public interface IKernel : IAsyncDisposable
{
    /// <summary>What others did to objects, and losses; bounded, a loss is itself an event.</summary>
    ChannelReader<KernelEvent> Events { get; }

    /// <summary>
    /// Does the operations in order in one send. Refusals come back by operation, never as an exception; in the firewall
    /// lane one refusal refuses all. A refused operation does not stop the later ones of the route lane.
    /// </summary>
    /// <remarks>
    /// Deleting a veth end returns when no packet can pass and its names are free again; the device itself dies in
    /// the background, together with others (DESIGN 2, Join path).
    /// </remarks>
    Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken);

    /// <summary>Reads a namespace by dumps. A namespace that is gone yields an empty state; the host's never is.</summary>
    /// <exception cref="KernelException">A dump was refused or interrupted again and again.</exception>
    Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken);

    /// <summary>Performs a transition once.</summary>
    /// <returns>The refusal, or null.</returns>
    Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken);
}

/// <summary>The world said no where no result could carry it.</summary>
public sealed class KernelException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KernelException()
    {
    }

    /// <summary>Creates the exception with a full sentence.</summary>
    public KernelException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a full sentence and its cause.</summary>
    public KernelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception from a refusal.</summary>
    public KernelException(KernelError error)
        : base(error?.ToString()) => Error = error;

    /// <summary>The refusal; null if there was none.</summary>
    public KernelError? Error { get; }

    /// <summary>True if the namespace that was asked for is gone, and everything in it. No errno says that by itself.</summary>
    public bool IsNamespaceGone { get; init; }
}

/// <summary>Something happened to the kernel's objects that this daemon did not ask for. A closed union.</summary>
public abstract record KernelEvent
{
    private protected KernelEvent()
    {
    }
}

/// <summary>A link, address or route is now like this, or gone. Echoes of our own requests are left out where the kernel tells them.</summary>
/// <param name="Key">The object's key.</param>
/// <param name="Current">As it is now; null if it is gone.</param>
public sealed record ObjectChanged(ObjectKey Key, KernelObject? Current) : KernelEvent;

/// <summary>Somebody else committed an nf_tables transaction that touched our table.</summary>
/// <param name="Namespace">Where.</param>
/// <param name="ProcessId">Who, if the kernel says.</param>
/// <param name="ProcessName">Its name, if the kernel says.</param>
public sealed record FirewallChanged(NetNs Namespace, int? ProcessId, string? ProcessName) : KernelEvent;

/// <summary>
/// Somebody else made, changed or deleted a chain at the forward hook, outside our table: what drops our packets there may
/// have changed (dockerd started after us, <c>nft flush ruleset</c>). One event a transaction, however much it did.
/// </summary>
/// <param name="Namespace">Where; the host's only.</param>
public sealed record ForeignFirewallChanged(NetNs Namespace) : KernelEvent;

/// <summary>Events were lost (ENOBUFS), or a change's extent is unknown; the namespace must be read again.</summary>
/// <param name="Namespace">Which; null for all.</param>
/// <param name="Reason">In a few words.</param>
public sealed record EventsLost(NetNs? Namespace, string Reason) : KernelEvent;
