using Networking.Model;

namespace Networking.Netd.Purge;

/// <summary>
/// A store that is read and never written: everything is taken away from the kernel, and intent stays for who installs the
/// package again.
/// </summary>
internal sealed class ForgetfulStore(IIntentStore inner) : IIntentStore
{
    public StoreContent Load() => inner.Load();

    public Task CommitAsync(StoreChange change, Durability durability, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
