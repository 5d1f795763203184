using System.Collections.Immutable;
using System.Text;
using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>One object for people: what it is, whether it is as asked, what belongs to it.</summary>
internal static class DetailText
{
    /// <summary>A network.</summary>
    public static string Of(NetworkDocument network, Style style)
    {
        var values = new KeyValues()
            .Add("Id", network.Id)
            .Add("Name", network.Name)
            .Add("Driver", network.Driver)
            .Add("Scope", network.Scope)
            .Add("Status", StatusText.Sentence(network.Status, style))
            .Add("Created", $"{style.Time(network.Created)} ({style.Ago(network.Created)})")
            .Add("IPv4", Subnet(network.Ipv4))
            .Add("IPv6", Subnet(network.Ipv6));
        foreach (var subnet in network.MoreSubnets)
        {
            values = values.Add("And", Subnet(subnet));
        }

        return values
            .Add("Internal", network.Internal ? "yes" : "no")
            .Add("Device", network.Device)
            .Add("IPAM options", network.IpamOptions)
            .Add("Options", network.Options)
            .Add("Labels", network.Labels)
            .Render(style) + Endpoints(network.Endpoints, style);
    }

    /// <summary>A sandbox.</summary>
    public static string Of(SandboxDocument sandbox, Style style) => new KeyValues()
        .Add("Id", sandbox.Id)
        .Add("Name", sandbox.Name)
        .Add("Owner", sandbox.Owner)
        .Add("Process", Text(sandbox.ProcessId?.ToString()))
        .Add("Path", sandbox.Path)
        .Add("Cookie", sandbox.Cookie)
        .Add("Status", StatusText.Sentence(sandbox.Status, style))
        .Add("Created", $"{style.Time(sandbox.Created)} ({style.Ago(sandbox.Created)})")
        .Render(style) + Endpoints(sandbox.Endpoints, style);

    /// <summary>The daemon.</summary>
    public static string Of(InfoDocument info, Style style) => new KeyValues()
        .Add("Instance", info.InstanceId)
        .Add("Version", info.Version)
        .Add("Kernel", info.Kernel)
        .Add("Process", $"{info.ProcessId}")
        .Add("Started", $"{style.Time(info.Started)} ({style.Ago(info.Started)})")
        .Add("State directory", info.StateDirectory)
        .Add("Run directory", info.RunDirectory)
        .Add("Firewall", info.Firewall)
        .Add("Drivers", string.Join(", ", info.Drivers.IsDefault ? [] : info.Drivers))
        .Add("Networks", $"{info.Networks}")
        .Add("Sandboxes", $"{info.Sandboxes}")
        .Add("Endpoints", $"{info.Endpoints}")
        .Render(style);

    /// <summary>Versions at both ends; the daemon's are missing while it cannot be reached.</summary>
    public static string Of(string client, string runtime, VersionDocument? daemon, Style style)
    {
        var lines = new KeyValues().Add("netctl", $"{client} (.NET {runtime})");
        if (daemon is not null)
        {
            lines.Add("netd", $"{daemon.Version} (.NET {daemon.Runtime})")
                .Add("API", daemon.ApiVersion)
                .Add("Kernel", daemon.Kernel);
        }

        return lines.Render(style);
    }

    /// <summary>Why an object is, or is not, as asked.</summary>
    public static string Of(ExplainDocument explain, Style style)
    {
        var text = new StringBuilder();
        text.Append(Printable.Line($"{explain.Kind} {explain.Name} ({ListText.ShortId(explain.Id)}): "));
        var status = StatusText.Sentence(explain.Status, style);
        text.Append(status.Ink.Paint(Printable.Line(status.Text), style.HasColour)).Append('\n');
        Section(text, "Why", explain.Lines);
        Section(text, "Kernel objects", explain.Objects);
        var steps = PlanText.Steps(explain.Diff, style, "  ");
        text.Append("\nDiffers in the kernel:").Append(steps.Length == 0 ? " nothing.\n" : "\n").Append(steps);
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, ImmutableArray<string> lines)
    {
        if (lines.IsDefaultOrEmpty)
        {
            return;
        }

        text.Append('\n').Append(title).Append(":\n");
        foreach (var line in lines)
        {
            text.Append("  ").Append(Printable.Line(line)).Append('\n');
        }
    }

    private static string Endpoints(ImmutableArray<EndpointDocument> endpoints, Style style) =>
        endpoints.IsDefaultOrEmpty ? "\nNo endpoints.\n" : $"\n{ListText.Of(endpoints, style)}{Ports(endpoints, style)}";

    private static string Ports(ImmutableArray<EndpointDocument> endpoints, Style style) =>
        endpoints.Any(static endpoint => !endpoint.Ports.IsEmpty) ? "\n" + PortText.Of(endpoints, style) : string.Empty;

    private static Cell? Subnet(SubnetDocument? subnet) => subnet is null ? null : new Cell(string.Join(", ",
    [
        subnet.Subnet,
        .. subnet.Gateway is { } gateway ? [$"gateway {gateway}"] : Array.Empty<string>(),
        .. subnet.Range is { } range ? [$"range {range}"] : Array.Empty<string>(),
        .. subnet.AuxAddresses.Select(a => $"{a.Key} {a.Value}"),
    ]));

    private static Cell? Text(string? text) => text is null ? null : new Cell(text);
}
