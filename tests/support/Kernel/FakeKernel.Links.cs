using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>The route and sysctl lanes: one operation at a time, each with its own answer.</summary>
public sealed partial class FakeKernel
{
    internal void Forget(SlowLane held)
    {
        lock (_gate)
        {
            _ = _held.Remove(held);
        }
    }

    private OperationResult ApplyOne(NetNs id, KernelOperation operation)
    {
        Operations++;
        var what = Describe(operation);
        var fault = Faults.TakeOperation(Operations);
        if (fault is FaultKind.Transient or FaultKind.Permanent)
        {
            return new OperationResult(FakeFaults.ErrorOf(fault.Value, what));
        }

        var error = Do(id, operation, what);
        if (error is not null)
        {
            _refusals.Add(error);
            return new OperationResult(error);
        }

        return fault is null ? OperationResult.Done : new OperationResult(FakeFaults.ErrorOf(fault.Value, what));
    }

    private KernelError? Do(NetNs id, KernelOperation operation, string what)
    {
        if (!_namespaces.TryGetValue(id, out var ns) || !ns.IsAlive)
        {
            return operation.Verb == OperationVerb.Delete ? null : Errors.NoNamespace(what);
        }

        return operation.Target switch
        {
            SysctlState sysctl => DoSysctl(ns, operation.Verb, sysctl, what),
            LinkState link => DoLink(ns, operation.Verb, link, what),
            var item => DoObject(ns, operation.Verb, item, what),
        };
    }

    private static KernelError? DoSysctl(FakeNamespace ns, OperationVerb verb, SysctlState sysctl, string what)
    {
        if (sysctl.Link is { } link && !ns.Links.ContainsKey(link))
        {
            return verb == OperationVerb.Delete ? null : Errors.NoFile(what);
        }

        if (verb != OperationVerb.Delete)
        {
            ns.Sysctls[sysctl.Path] = sysctl with { Original = null };
        }
        else if (sysctl.Original is { } original)
        {
            ns.Sysctls[sysctl.Path] = sysctl with { Value = original, Original = null };
        }

        return null;
    }

    private KernelError? DoLink(FakeNamespace ns, OperationVerb verb, LinkState wanted, string what)
    {
        _ = ns.Links.TryGetValue(wanted.Name, out var link);
        switch (verb)
        {
            case OperationVerb.Delete when wanted.Details is ExistingLink:
                return Errors.NotSupported(what);
            case OperationVerb.Delete when link is null:
                return null;
            case OperationVerb.Delete when wanted.Details is VethPeerLink && link.Other is not null:
                FreeName(link);
                return null;
            case OperationVerb.Delete:
                Die(link, isForeign: false);
                return null;
            case OperationVerb.Change:
            case OperationVerb.Create when wanted.Details is VethPeerLink or ExistingLink:
                return link is null ? Errors.NoDevice(what) : Shape(link, wanted, what);
            default:
                return link is not null ? Errors.Exists(what) : Make(ns, wanted, what);
        }
    }

    private KernelError? Make(FakeNamespace ns, LinkState wanted, string what)
    {
        if (wanted.Master is { Length: > 0 } master && !IsBridge(ns, master))
        {
            return Errors.NoDevice(what);
        }

        switch (wanted.Details)
        {
            case VethLink veth when !_namespaces.TryGetValue(veth.PeerNamespace, out var home) || !home.IsAlive:
                return Errors.NoNamespace(what);
            case VethLink veth when _namespaces[veth.PeerNamespace].Links.ContainsKey(veth.PeerName)
                || (veth.PeerNamespace == wanted.Namespace && veth.PeerName == wanted.Name):
                return Errors.Exists(what);
            case VlanLink vlan when !ns.Links.ContainsKey(vlan.Parent):
            case MacvlanLink macvlan when !_namespaces.TryGetValue(macvlan.ParentNamespace, out var parents)
                || !parents.Links.ContainsKey(macvlan.Parent):
                return Errors.NoDevice(what);
        }

        var link = Add(ns, wanted.Name, wanted.Details, wanted.Mac);
        if (wanted.Details is VethLink pair)
        {
            link.Other = Add(_namespaces[pair.PeerNamespace], pair.PeerName, wanted.Details, pair.PeerMac);
            link.Other.Other = link;
            link.Other.State = link.Other.State with { MtuBytes = wanted.MtuBytes ?? 1500 };
            TellOwn(link.Other);
        }

        TellOwn(link); // the kernel tells a new device before it tells what else was set in the same request
        return Shape(link, wanted, what);
    }

    private static FakeLink Add(FakeNamespace ns, string name, LinkDetails details, MacAddress? mac)
    {
        var link = new FakeLink(ns, new LinkState
        {
            Namespace = ns.Id,
            Name = name,
            Details = details,
            Mac = mac ?? MacAddress.FromRandom(((ulong)name.Length << 20) + ns.Id.Cookie + 1),
            MtuBytes = details is VxlanLink ? 1450 : 1500,
            IsUp = false,
            HasLinkLocal = true,
        });
        ns.Links.Add(name, link);
        return link;
    }

    // Attributes of a device that stands. What cannot be done is found before anything is changed.
    private KernelError? Shape(FakeLink link, LinkState wanted, string what)
    {
        if (wanted.Master is { Length: > 0 } master && !IsBridge(link.Home, master))
        {
            return Errors.NoDevice(what);
        }

        if (wanted.Details is ExistingLink { IsLeftAlone: true })
        {
            return wanted.IsUp == true && link.State.IsUp != true ? Errors.NetDown(what) : null;
        }

        var old = link.State;
        var next = old with
        {
            Alias = wanted.Alias ?? old.Alias,
            Mac = wanted.Mac ?? old.Mac,
            MtuBytes = wanted.MtuBytes ?? old.MtuBytes,
            HasLinkLocal = wanted.HasLinkLocal ?? old.HasLinkLocal,
            IsUp = wanted.IsUp ?? old.IsUp,
            Master = wanted.Master switch { null => old.Master, "" => null, var name => name },
        };
        if (wanted.Port is not null && next.Master is null)
        {
            return Errors.NotSupported(what);
        }

        next = next with { Port = next.Master is null ? null : wanted.Port ?? old.Port ?? new BridgePortState(false, false) };
        link.State = next;
        if (old.IsUp == true && next.IsUp == false)
        {
            GoDown(link, isForeign: false);
        }

        TellOwn(link);
        return null;
    }

    private static bool IsBridge(FakeNamespace ns, string name) =>
        ns.Links.TryGetValue(name, out var link) && link.State.Details is BridgeLink or ExistingLink { Kind: "bridge" };

    // Routes leave without a word; IPv6 addresses are told.
    private void GoDown(FakeLink link, bool isForeign)
    {
        foreach (var key in link.Home.On(link.State.Name))
        {
            var item = link.Home.Objects[key];
            if (item is RouteState)
            {
                Drop(link.Home, key);
            }
            else if (item is AddressState { Address.IsIpv6: true })
            {
                Drop(link.Home, key);
                TellIf(isForeign || TellsOwnChanges, key);
            }
        }
    }

    // A device ends: with it what is on it, its pair, what is stacked on it; ports of a bridge lose their master.
    private void Die(FakeLink link, bool isForeign)
    {
        var (ns, name) = (link.Home, link.State.Name);
        if (!ns.Links.Remove(name))
        {
            return;
        }

        foreach (var key in ns.On(name))
        {
            var isTold = key.Kind == ObjectKind.Address;
            Drop(ns, key);
            TellIf(isTold && (isForeign || TellsOwnChanges), key);
        }

        foreach (var path in ns.Sysctls.Values.Where(s => s.Link == name).Select(static s => s.Path).ToArray())
        {
            _ = ns.Sysctls.Remove(path);
        }

        TellIf(isForeign, link.Key);
        foreach (var port in ns.Links.Values.Where(l => l.State.Master == name))
        {
            port.State = port.State with { Master = null, Port = null };
            TellIf(isForeign || TellsOwnChanges, port.Key, port.Observed);
        }

        foreach (var above in _namespaces.Values.SelectMany(static n => n.Links.Values).Where(l => StandsOn(l, link)).ToArray())
        {
            Die(above, isForeign);
        }

        if (link.Other is { } other && other.Home.Links.ContainsValue(other))
        {
            Die(other, isForeign || TellsOwnChanges); // its end lies in another namespace: nobody can tell it to be ours
        }
    }

    private static bool StandsOn(FakeLink above, FakeLink below) => above.State.Details switch
    {
        VlanLink vlan => above.Home == below.Home && vlan.Parent == below.State.Name,
        MacvlanLink macvlan => macvlan.ParentNamespace == below.Home.Id && macvlan.Parent == below.State.Name,
        _ => false,
    };

    // The path is cut and the name is free; IPv4 addresses go on with the device until it dies.
    private void FreeName(FakeLink link)
    {
        var (ns, name) = (link.Home, link.State.Name);
        GoDown(link, isForeign: false);
        var doomed = $"doomed{++ns.Doomed}";
        foreach (var key in ns.On(name))
        {
            var item = ns.Objects[key];
            var isOurs = ns.Ours.Contains(key);
            Drop(ns, key);
            if (item is AddressState address)
            {
                var moved = address with { Link = doomed };
                ns.Objects[moved.Key] = moved;
                _ = isOurs && ns.Ours.Add(moved.Key);
            }
        }

        foreach (var path in ns.Sysctls.Values.Where(s => s.Link == name).Select(static s => s.Path).ToArray())
        {
            _ = ns.Sysctls.Remove(path);
        }

        _ = ns.Links.Remove(name);
        var key0 = link.Key;
        link.State = link.State with { Name = doomed, IsUp = false, Master = null, Port = null };
        link.IsDoomed = true;
        ns.Links.Add(doomed, link);
        TellIf(TellsOwnChanges, key0);
    }

    private static KernelError? DoObject(FakeNamespace ns, OperationVerb verb, KernelObject item, string what)
    {
        if (verb == OperationVerb.Delete)
        {
            Drop(ns, item.Key);
            return null;
        }

        var exists = ns.Objects.ContainsKey(item.Key);
        if (exists != (verb == OperationVerb.Change))
        {
            return exists ? Errors.Exists(what) : item is RouteState ? Errors.NoRoute(what) : Errors.NoEntry(what);
        }

        FakeLink? link = null;
        if (item.Container is { } container && !ns.Links.TryGetValue(container.Name, out link))
        {
            return Errors.NoDevice(what);
        }

        if (item is RouteState route && RefuseRoute(ns, route, link!, what) is { } error) // a route always has a container
        {
            return error;
        }

        ns.Objects[item.Key] = item;
        _ = ns.Ours.Add(item.Key);
        return null;
    }

    // fib_check_nh: the device must be up and the gateway on-link by it.
    private static KernelError? RefuseRoute(FakeNamespace ns, RouteState route, FakeLink link, string what)
    {
        if (link.State.IsUp != true)
        {
            return Errors.NetDown(what);
        }

        return route.Gateway is not { } gateway || gateway.IsIPv6LinkLocal || IsOnLink(ns, gateway, route.Link)
            ? null
            : Errors.Unreachable(what);
    }

    private static bool IsOnLink(FakeNamespace ns, IPAddress gateway, string link) => ns.Objects.Values.Any(o => o switch
    {
        AddressState a => a.Link == link && a.Address.Network.Contains(gateway),
        RouteState r => r.Link == link && r.Gateway is null && IsSameFamily(r, gateway) && r.Destination.Contains(gateway),
        _ => false,
    });

    private static bool IsSameFamily(RouteState route, IPAddress address) =>
        (route.Destination.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6) == (address.AddressFamily == AddressFamily.InterNetworkV6);

    private static void Drop(FakeNamespace ns, ObjectKey key)
    {
        _ = ns.Objects.Remove(key);
        _ = ns.Ours.Remove(key);
    }

    private void TellOwn(FakeLink link) => TellIf(TellsOwnChanges, link.Key, link.Observed);

    private void TellIf(bool condition, ObjectKey key, KernelObject? current = null)
    {
        if (condition)
        {
            Tell(key, current);
        }
    }

    private static string Describe(KernelOperation operation)
    {
        var verb = operation.Verb switch
        {
            OperationVerb.Create => "create",
            OperationVerb.Change => "change",
            _ => "delete",
        };
        return $"{verb} {operation.Target.Describe()} in {operation.Target.Namespace}";
    }
}
