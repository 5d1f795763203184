using System.Collections.Immutable;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Histories;

/// <summary>
/// Everything at once, by a seed: intent that changes before it is done, strangers, faults of every kind, crashes. When the
/// storm is over the kernel must come to be as asked.
/// </summary>
public sealed class StormTests
{
    private const int Seeds = 300;
    private const int Moves = 40;

    private static readonly NetNs[] s_namespaces = [NetNs.Host, new(5), new(6), new(7)];

    [Fact]
    public async Task Every_storm_ends_in_what_was_asked()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var violations = await PlayAsync(seed);
            Assert.True(violations.IsEmpty, $"seed {seed}:\n{string.Join('\n', violations)}");
        }
    }

#pragma warning disable CA5394 // no secret depends on it
    private static async Task<ImmutableArray<string>> PlayAsync(int seed)
    {
        var random = new Random(seed);
        await using var world = new World();
        var intent = Intent.Empty;
        try
        {
            await world.SetAsync(intent);
            for (var move = 0; move < Moves; move++)
            {
                intent = await MoveAsync(world, intent, random);
            }

            world.Kernel.Faults.Clear();
            await world.ConvergeAsync();
            await world.PassAsync(world.Options.FullCheckEvery); // events that were lost without a word
            return await world.ConvergeAsync() ? await world.ViolationsAsync() : [$"does not come to rest\n{world.Describe()}"];
        }
        catch (Exception e) when (e is InvariantException or KeyNotFoundException or NullReferenceException)
        {
            return [e.ToString(), world.Describe()];
        }
    }

    private static async Task<Intent> MoveAsync(World world, Intent intent, Random random)
    {
        switch (random.Next(12))
        {
            case < 6:
                intent = Change(intent, random);
                await world.SetAsync(intent);
                break;
            case 6:
                await world.PassAsync(TimeSpan.FromMilliseconds(random.Next(1, 400)));
                break;
            case 7:
                await world.ConvergeAsync();
                break;
            case 8:
                Disturb(world.Kernel, random);
                break;
            case 9:
                world.Kernel.Faults.StrikeOperation(world.Kernel.Operations + random.Next(1, 20), (FaultKind)random.Next(4));
                break;
            case 10:
                world.Kernel.Faults.FailDump(world.Kernel.Dumps + random.Next(1, 4));
                world.Kernel.Faults.FailDumpsOf(s_namespaces[random.Next(s_namespaces.Length)], random.Next(4));
                world.Kernel.Faults.LoseEvent(world.Kernel.EventsSent + random.Next(1, 20), random.Next(2) == 0);
                break;
            default:
                if (random.Next(3) == 0)
                {
                    await world.RestartAsync();
                }

                break;
        }

        return intent;
    }

    private static Intent Change(Intent intent, Random random)
    {
        var network = random.Next(1, 4);
        var sandbox = (ulong)random.Next(5, 8);
        var interfaces = (string[])["eth0", "eth1"];
        switch (random.Next(6))
        {
            case 0:
                return intent.With(new SampleNetwork(network, 1400 + (50 * random.Next(3))));
            case 1:
                return Tidy(intent.WithoutNetwork(network));
            case 2:
                return Tidy(intent.With(new SampleSandbox(sandbox)));
            case 3:
                return Tidy(intent.WithoutSandbox(sandbox));
            case 4 when intent.Endpoints.Length > 0:
                return Tidy(intent.WithoutEndpoint(intent.Endpoints[random.Next(intent.Endpoints.Length)].Number));
            default:
                var name = interfaces[random.Next(2)];
                var endpoint = new SampleEndpoint(random.Next(1, 6), network, sandbox, name, random.Next(3));
                return Tidy((intent with { Endpoints = [.. intent.Endpoints.Where(e => e.Sandbox != sandbox || e.Interface != name)] })
                    .With(new SampleNetwork(network)).With(new SampleSandbox(sandbox)).With(endpoint));
        }
    }

    // No endpoint without its network and sandbox; the default route goes by the sandbox's first endpoint.
    private static Intent Tidy(Intent intent)
    {
        var endpoints = intent.Endpoints
            .Where(e => intent.Networks.Any(n => n.Number == e.Network) && intent.Sandboxes.Any(s => s.Cookie == e.Sandbox))
            .ToImmutableArray();
        return intent with
        {
            Endpoints = endpoints,
            Sandboxes =
            [
                .. intent.Sandboxes.Select(s =>
                {
                    var first = endpoints.Where(e => e.Sandbox == s.Cookie).MinBy(static e => e.Interface);
                    return new SampleSandbox(s.Cookie, first?.Network, first?.Interface);
                }),
            ],
        };
    }

    private static void Disturb(FakeKernel kernel, Random random)
    {
        var ours = kernel.PeekAll().Objects
            .Where(o => !kernel.Foreign.Contains(o.Key) && o is LinkState or AddressState or RouteState or FirewallElementState or ForeignAdmissionState)
            .ToArray();
        if (ours.Length == 0)
        {
            return;
        }

        var victim = ours[random.Next(ours.Length)];
        switch (random.Next(4))
        {
            case 0 when victim is LinkState:
                _ = kernel.ForeignChange(victim.Key, static l => l with { IsUp = false });
                break;
            case 1 when victim is LinkState:
                _ = kernel.ForeignChange(victim.Key, static l => l with { MtuBytes = 1000, Master = null, Port = null });
                break;
            case 2 when victim is FirewallElementState:
                kernel.ForeignFlushFirewall(NetNs.Host);
                break;
            case 3 when victim is ForeignAdmissionState:
                kernel.ForeignForwardChain(NetNs.Host, victim.Key.Name, isThere: false);
                kernel.ForeignForwardChain(NetNs.Host, victim.Key.Name, isThere: true);
                break;
            default:
                _ = kernel.ForeignDelete(victim.Key);
                break;
        }
    }
#pragma warning restore CA5394
}
