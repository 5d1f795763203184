using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// The firewall of the host's namespace: objects say by the table they name whether they are nf_tables' or iptables'. A batch
/// that leads from the one to the other first makes what is new, then takes away what is old, so that packets meet at least one
/// of them at every moment; connections know how they are translated by themselves.
/// </summary>
internal sealed class HostFirewallTransport(SocketFirewallTransport nftables, IptablesFirewall iptables) : IFirewallTransport
{
    public OperationResult[] Apply(ReadOnlySpan<KernelOperation> operations)
    {
        var all = operations.ToArray();
        var isOfIptables = Array.ConvertAll(all, static o => IptablesObjects.Contains(o.Target));
        if (!isOfIptables.Contains(true))
        {
            return nftables.Apply(all);
        }

        if (!isOfIptables.Contains(false))
        {
            return iptables.Apply(all);
        }

        var makesIptables = all.Where((o, i) => isOfIptables[i]).Any(static o => o.Verb == OperationVerb.Create);
        var results = new OperationResult[all.Length];
        if (Do(all, isOfIptables, makesIptables, results))
        {
            _ = Do(all, isOfIptables, !makesIptables, results);
        }
        else
        {
            Cancel(all, isOfIptables, !makesIptables, results);
        }

        return results;
    }

    public IEnumerable<KernelObject> Observe(IReadOnlyCollection<KernelObject> wanted)
    {
        var found = iptables.Observe(wanted, nftables.HasIptablesChains);
        return [.. found, .. ObserveNftables(wanted)];
    }

    public void Dispose() => nftables.Dispose();

    private IEnumerable<KernelObject> ObserveNftables(IReadOnlyCollection<KernelObject> wanted)
    {
        try
        {
            return nftables.Observe(wanted);
        }
        catch (KernelException e) when (iptables.IsActive && e.Error is { Errno: Errno.Invalid or Errno.NotSupported or Errno.ProtocolNotSupported or Errno.FamilyNotSupported })
        {
            return []; // a kernel without nf_tables has no table of ours
        }
    }

    private bool Do(KernelOperation[] all, bool[] isOfIptables, bool which, OperationResult[] results)
    {
        var part = all.Where((_, i) => isOfIptables[i] == which).ToArray();
        var done = which ? iptables.Apply(part) : nftables.Apply(part);
        for (int i = 0, next = 0; i < all.Length; i++)
        {
            if (isOfIptables[i] == which)
            {
                results[i] = done[next++];
            }
        }

        return done.All(static r => r.IsDone);
    }

    private static void Cancel(KernelOperation[] all, bool[] isOfIptables, bool which, OperationResult[] results)
    {
        for (var i = 0; i < all.Length; i++)
        {
            if (isOfIptables[i] == which)
            {
                results[i] = new OperationResult(FirewallErrno.ToError(
                    FirewallErrno.Canceled, OperationText.Of(all[i]), "not done: what takes its place was refused"));
            }
        }
    }
}
