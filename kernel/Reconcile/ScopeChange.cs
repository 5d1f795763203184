using System.Collections.Immutable;

namespace Networking.Kernel;

/// <summary>New intent for a scope.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Revision">Grows with every change of intent of the node.</param>
/// <param name="Desired">What its objects shall be; null to remove the scope with everything in it.</param>
/// <param name="Parents">Scopes that must stand before this one and outlive it.</param>
public sealed record ScopeChange(ScopeId Scope, long Revision, KernelState? Desired, ImmutableArray<ScopeId> Parents);

/// <summary>A plan of one scope.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Plan">Its plan.</param>
public sealed record ScopePlan(ScopeId Scope, KernelPlan Plan);
