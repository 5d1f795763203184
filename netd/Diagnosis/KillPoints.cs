using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Diagnosis;

/// <summary>
/// A seam for tests of sudden death: every kernel operation and every commit is a numbered point, before and after, and so is each
/// place between two steps of one operation; at the one asked for the process kills itself. Points are enumerated by passing through, so a new operation joins by itself.
/// Active only where <c>NETD_KILL_AT</c> is set: 0 lists the points on standard error, N dies at point N.
/// </summary>
internal sealed class KillPoints(int at)
{
    private int _passed;

    public static KillPoints? FromEnvironment() =>
        int.TryParse(Environment.GetEnvironmentVariable("NETD_KILL_AT"), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? new KillPoints(at)
            : null;

    public void Pass(string where)
    {
        var number = Interlocked.Increment(ref _passed);
        if (at == 0)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill point {number}: {where}"));
        }
        else if (number == at)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"dies at kill point {number}: {where}"));
            using var self = Process.GetCurrentProcess();
            self.Kill(); // SIGKILL: nothing of ours runs after this
            using var never = new SemaphoreSlim(0);
            never.Wait();
        }
    }
}

/// <summary>A kernel whose operations are points; a batch of the route lane is taken apart so that each is one.</summary>
internal sealed class KillPointKernel(IKernel inner, KillPoints points) : IKernel
{
    public ChannelReader<KernelEvent> Events => inner.Events;

    public async Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
    {
        var parts = batch.Lane == Lane.Firewall ? [batch] : batch.Operations.Select(o => batch with { Operations = [o] });
        var results = ImmutableArray.CreateBuilder<OperationResult>();
        foreach (var part in parts)
        {
            var name = string.Join("; ", part.Operations);
            points.Pass($"before {name}");
            results.AddRange(await inner.ApplyAsync(part, cancellationToken));
            points.Pass($"after {name}");
        }

        return results.ToImmutable();
    }

    public Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken) =>
        inner.ObserveAsync(observation, cancellationToken);

    public async Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken)
    {
        points.Pass($"before {transition}");
        return await inner.PerformAsync(transition, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>A store whose commits are points.</summary>
internal sealed class KillPointStore(IIntentStore inner, KillPoints points) : IIntentStore
{
    public StoreContent Load() => inner.Load();

    public async Task CommitAsync(StoreChange change, Durability durability, CancellationToken cancellationToken)
    {
        points.Pass("before commit");
        await inner.CommitAsync(change, durability, cancellationToken);
        points.Pass("after commit");
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>Namespaces whose making and removal are points.</summary>
internal sealed class KillPointNamespaces(INamespaces inner, KillPoints points) : INamespaces
{
    public Task<NamespaceIdentity> OpenAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken) =>
        inner.OpenAsync(path, sysctls, cancellationToken);

    public async Task<NamespaceIdentity> CreateAsync(string path, ImmutableArray<string> sysctls, CancellationToken cancellationToken)
    {
        points.Pass($"before making namespace {path}");
        var identity = await inner.CreateAsync(path, sysctls, cancellationToken);
        points.Pass($"after making namespace {path}");
        return identity;
    }

    public bool IsAlive(NetNs ns) => inner.IsAlive(ns);

    public Task ForgetAsync(NetNs ns) => inner.ForgetAsync(ns);

    public async Task RemoveAsync(NetNs ns, string path)
    {
        points.Pass($"before removing namespace {path}");
        await inner.RemoveAsync(ns, path);
        points.Pass($"after removing namespace {path}");
    }
}
