using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>What others do: containers come and go, an operator types <c>ip</c> and <c>nft</c>.</summary>
public sealed partial class FakeKernel
{
    /// <summary>What others made and have not deleted, as they left it: no business of ours.</summary>
    public KernelState Foreign { get; private set; } = KernelState.Empty;

    /// <summary>A namespace comes to be, with its <c>lo</c> up.</summary>
    public void AddNamespace(NetNs ns)
    {
        lock (_gate)
        {
            var added = new FakeNamespace(ns);
            _namespaces.Add(ns, added);
            var lo = Add(added, "lo", new ExistingLink(string.Empty), null);
            lo.State = lo.State with { IsUp = true, MtuBytes = 65_536 };
            Foreign = Foreign.With(lo.Observed);
        }
    }

    /// <summary>A namespace dies: everything in it, and both ends of pairs that reached into it.</summary>
    public void ForeignDestroyNamespace(NetNs ns)
    {
        lock (_gate)
        {
            var dying = _namespaces[ns];
            foreach (var link in dying.Links.Values.ToArray())
            {
                Die(link, isForeign: true);
            }

            dying.IsAlive = false;
            Foreign = Foreign.Objects.Where(o => o.Namespace == ns).Aggregate(Foreign, static (f, o) => f.Without(o.Key));
            dying.Links.Clear();
            dying.Objects.Clear();
            dying.Ours.Clear();
            dying.Sysctls.Clear();
            dying.Firewall = KernelState.Empty;
        }
    }

    /// <summary>Somebody makes an object that is not ours: a device without our alias, an address without our mark.</summary>
    public void ForeignCreate(KernelObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        lock (_gate)
        {
            var ns = _namespaces[item.Namespace];
            switch (item)
            {
                case LinkState { Details: ExistingLink } hardware:
                    var made = Add(ns, hardware.Name, hardware.Details, hardware.Mac);
                    _ = Shape(made, hardware, "make hardware");
                    break;
                case LinkState link:
                    Check(Make(ns, link, "make a foreign device"));
                    break;
                case SysctlState sysctl:
                    ns.Sysctls[sysctl.Path] = sysctl;
                    Foreign = Foreign.With(sysctl);
                    return; // nobody is told
                default:
                    if (KernelOperation.LaneOf(item.Key.Kind) == Lane.Firewall)
                    {
                        ns.Firewall = ns.Firewall.With(item);
                        Foreign = Foreign.With(item);
                        Send(new FirewallChanged(item.Namespace, 4711, "nft"), item.Namespace);
                        return;
                    }

                    Check(DoObject(ns, OperationVerb.Create, item, "make a foreign object"));
                    _ = ns.Ours.Remove(item.Key);
                    break;
            }

            var found = Find(item.Key)!; // just made
            Foreign = Foreign.With(found);
            Tell(item.Key, found);
        }
    }

    /// <summary>Somebody changes a device; false if it is not there.</summary>
    public bool ForeignChange(ObjectKey link, Func<LinkState, LinkState> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            if (!_namespaces[link.Namespace].Links.TryGetValue(link.Name, out var found))
            {
                return false;
            }

            var old = found.State;
            found.State = change(old) with { Details = old.Details };
            if (old.IsUp == true && found.State.IsUp == false)
            {
                GoDown(found, isForeign: true);
            }

            if (Foreign.Contains(link))
            {
                Foreign = Foreign.With(found.Observed);
            }

            Tell(link, found.Observed);
            return true;
        }
    }

    /// <summary>Somebody deletes an object; false if it is not there.</summary>
    public bool ForeignDelete(ObjectKey key)
    {
        lock (_gate)
        {
            var ns = _namespaces[key.Namespace];
            Foreign = Foreign.Without(key);
            if (key.Kind == ObjectKind.Link)
            {
                if (!ns.Links.TryGetValue(key.Name, out var link))
                {
                    return false;
                }

                Die(link, isForeign: true);
                return true;
            }

            if (KernelOperation.LaneOf(key.Kind) == Lane.Firewall)
            {
                if (ns.Firewall[key] is not { } item)
                {
                    return false;
                }

                var next = ns.Firewall;
                _ = FirewallStep(ref next, ns, new KernelOperation(OperationVerb.Delete, item, null, []));
                ns.Firewall = next;
                Send(new FirewallChanged(key.Namespace, 4711, "nft"), key.Namespace);
                return true;
            }

            if (!ns.Objects.ContainsKey(key))
            {
                return false;
            }

            Drop(ns, key);
            Tell(key, null);
            return true;
        }
    }

    /// <summary>Somebody writes below /proc/sys; no kernel tells that.</summary>
    public void ForeignSysctl(NetNs ns, string path, string value, string? link = null)
    {
        lock (_gate)
        {
            _namespaces[ns].Sysctls[path] = new SysctlState { Namespace = ns, Path = path, Value = value, Link = link };
        }
    }

    /// <summary>Somebody's forward chain comes or goes, and with it our rule in it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="chain">Family, table and name, as <c>ip filter FORWARD</c>, which is there from the beginning.</param>
    /// <param name="isThere">Whether it is there from now on.</param>
    public void ForeignForwardChain(NetNs ns, string chain, bool isThere)
    {
        lock (_gate)
        {
            var found = _namespaces[ns];
            var changed = isThere ? found.ForeignChains.Add(chain) : found.ForeignChains.Remove(chain);
            var rule = new ObjectKey(ns, ObjectKind.ForeignAdmission, chain);
            if (!isThere && found.Firewall.Contains(rule))
            {
                found.Firewall = found.Firewall.Without(rule);
                Send(new FirewallChanged(ns, 4711, "dockerd"), ns);
            }

            if (changed)
            {
                Send(new ForeignFirewallChanged(ns), ns);
            }
        }
    }

    /// <summary><c>nft flush ruleset</c>, or only some of it; whoever had forward chains makes them anew at once.</summary>
    public void ForeignFlushFirewall(NetNs ns, Predicate<KernelObject>? what = null)
    {
        lock (_gate)
        {
            _namespaces[ns].Firewall = KernelState.Of(_namespaces[ns].Firewall.Objects.Where(o => what?.Invoke(o) == false));
            Foreign = Foreign.Objects
                .Where(o => o.Namespace == ns && KernelOperation.LaneOf(o.Key.Kind) == Lane.Firewall)
                .Aggregate(Foreign, static (f, o) => f.Without(o.Key));
            Send(new FirewallChanged(ns, 4711, "nft"), ns);
        }
    }

    /// <summary>An event of the test's own making, as if the kernel had sent it.</summary>
    public void ForeignEvent(KernelEvent item)
    {
        lock (_gate)
        {
            Send(item, NetNs.Host);
        }
    }

    private KernelObject? Find(ObjectKey key) => _namespaces[key.Namespace] is var ns && key.Kind == ObjectKind.Link
        ? ns.Links.GetValueOrDefault(key.Name)?.Observed
        : ns.Objects.GetValueOrDefault(key);

    private static void Check(KernelError? error)
    {
        if (error is not null)
        {
            throw new KernelException(error);
        }
    }
}
