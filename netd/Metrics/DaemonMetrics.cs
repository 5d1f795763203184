using System.Globalization;
using System.Text;
using Networking.Kernel;
using Networking.Netd.Control;

namespace Networking.Netd.Metrics;

/// <summary>Counts and gauges of the daemon, rendered as Prometheus text on request. Labels are bounded sets.</summary>
internal sealed class DaemonMetrics(ReconcilerListener listener, CountingKernel kernel, NameMetrics names, ClusterMetrics cluster, Func<IEnumerable<(string Name, string Help, double Value)>> counters)
{
    private long _requests;

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public Task<string> ClusterAsync(CancellationToken cancellationToken) => cluster.RenderAsync(cancellationToken);

    public string Render(NetworkController controller)
    {
        var text = new StringBuilder();
        var state = controller.State;
        Add(text, "netd_networks", "gauge", "Networks granted.", state.MadeNetworks);
        Add(text, "netd_sandboxes", "gauge", "Sandboxes known.", state.Sandboxes.Count);
        Add(text, "netd_endpoints", "gauge", "Endpoints granted.", state.Endpoints.Count);
        Add(text, "netd_revision", "counter", "Changes of intent since start.", state.Revision);
        Add(text, "netd_api_requests_total", "counter", "API requests.", Interlocked.Read(ref _requests));
        Add(text, "netd_drift_total", "counter", "Kernel objects found not as they were left.", listener.Drifts);
        Add(text, "netd_refusals_total", "counter", "Scopes that the kernel refused.", listener.Refusals);
        Add(text, "netd_kernel_operations_total", "counter", "Writes asked of the kernel: objects made, changed or deleted.", kernel.Operations);
        Add(text, "netd_kernel_batches_total", "counter", "Sends that carried them.", kernel.Batches);
        Add(text, "netd_kernel_observations_total", "counter", "Namespaces read by dumps.", kernel.Observations);
        Add(text, "netd_kernel_transitions_total", "counter", "Announcements and other transitions performed.", kernel.Transitions);
        Conditions(text, controller.Reconciler);
        names.Render(text);
        foreach (var (name, help, value) in counters())
        {
            Add(text, name, "counter", help, value);
        }

        Add(text, "process_resident_memory_bytes", "gauge", "Resident memory.", Environment.WorkingSet);
        Add(text, "dotnet_allocated_bytes_total", "counter", "Managed bytes allocated.", GC.GetTotalAllocatedBytes(precise: true));
        Add(text, "dotnet_gc_heap_bytes", "gauge", "Managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        return text.ToString();
    }

    private static void Conditions(StringBuilder text, Reconciler reconciler)
    {
        var counts = reconciler.Statuses.Values.CountBy(static s => s.Condition).ToDictionary();
        _ = text.Append("# HELP netd_scopes Scopes by condition.\n# TYPE netd_scopes gauge\n");
        foreach (var condition in Enum.GetValues<ScopeCondition>())
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"netd_scopes{{condition=\"{condition.ToString().ToLowerInvariant()}\"}} {counts.GetValueOrDefault(condition)}\n");
        }
    }

    internal static void Add(StringBuilder text, string name, string type, string help, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");
}
