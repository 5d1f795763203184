using System.Collections.Immutable;

namespace Networking.Store;

/// <summary>One statement of a change, with its values ready as UTF-8.</summary>
/// <param name="Sql">One of <see cref="RecordSql"/>.</param>
/// <param name="What">What it does, as in "cannot …": <c>put endpoint 4f…</c>.</param>
/// <param name="Values">Its parameters in order.</param>
internal sealed record RowWrite(string Sql, string What, ImmutableArray<byte[]> Values);
