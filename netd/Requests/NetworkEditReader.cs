using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Requests;

/// <summary>Turns the text of an update request into an edit, collecting every mistake.</summary>
internal static class NetworkEditReader
{
    public static NetworkEdit Read(UpdateNetworkRequest request, List<Problem> problems)
    {
        var edit = new NetworkEdit
        {
            IsUndo = request.Undo,
            Ipv4 = request.Ipv4,
            Ipv6 = request.Ipv6,
            Subnets = NetworkRequestReader.ReadSubnets(
                new CreateNetworkRequest { Subnets = request.Subnets, Gateways = request.Gateways }, problems),
            Options = request.Options,
            RemovedOptions = ListLimit.Within(ListLimit.NamesMax, request.RemovedOptions, "--opt-rm", problems),
            Dns = DnsReader.Read(request.Dns, request.DnsSearch, request.DnsOptions, problems),
            Labels = request.Labels,
            RemovedLabels = ListLimit.Within(ListLimit.NamesMax, request.RemovedLabels, "--label-rm", problems),
        };
        if (problems.Count > 0)
        {
            return edit;
        }

        var asksForMore = edit.Ipv4 is not null || edit.Ipv6 is not null || !edit.Subnets.IsEmpty || edit.Options.Count > 0 || edit.Labels.Count > 0
            || !edit.RemovedOptions.IsEmpty || !edit.RemovedLabels.IsEmpty || !edit.Dns.IsEmpty;
        if (edit.IsUndo && asksForMore)
        {
            problems.Add(new Problem("change.undo", "--undo", "an undo goes back to what was, and nothing else can be changed with it", "do one after the other"));
        }
        else if (!edit.IsUndo && !asksForMore)
        {
            problems.Add(new Problem("change.nothing", null, "nothing is asked to be different", "netctl update --help lists what can be"));
        }

        return edit;
    }
}
