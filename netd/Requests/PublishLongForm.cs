using Networking.Model;

namespace Networking.Netd.Requests;

/// <summary>Reads <c>published=8080,target=80,protocol=tcp,mode=host,ip=::1,expose=lan</c>: Docker's keys, and ours.</summary>
internal static class PublishLongForm
{
    private const string Keys = "keys are target, published, protocol, ip (or host_ip), expose, mode";

    public static PublishSpec? Read(PublishEntry entry)
    {
        var spec = new PublishSpec { Target = default };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in entry.Text.Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                entry.Refuse("publish.key", $"'{part}' is not key=value", Keys);
                continue;
            }

            var key = part[..equals] is "host_ip" ? "ip" : part[..equals];
            if (!seen.Add(key))
            {
                entry.Refuse("publish.key", $"{key} is given twice", "give it once");
                continue;
            }

            spec = Take(entry, spec, key, part[(equals + 1)..]);
        }

        if (!seen.Contains("target"))
        {
            entry.Refuse("publish.port", "it has no target, the port in the sandbox", "write target=80");
        }

        return entry.Build(spec);
    }

    private static PublishSpec Take(PublishEntry entry, PublishSpec spec, string key, string value)
    {
        switch (key)
        {
            case "target":
                return spec with { Target = entry.ReadPorts(value, "in the sandbox") };
            case "published":
                return spec with { Published = entry.ReadPorts(value, "of the host", "leave published out for any free port") };
            case "protocol":
                return spec with { Protocol = entry.ReadProtocol(value) };
            case "ip":
                return spec with { HostAddress = entry.ReadAddress(value) };
            case "expose":
                return spec with { Exposure = entry.ReadExposure(value) };
            case "mode":
                CheckMode(entry, value);
                return spec;
            default:
                entry.Refuse("publish.key", $"{key} is not a key of a published port", Keys);
                return spec;
        }
    }

    private static void CheckMode(PublishEntry entry, string value)
    {
        switch (value.ToLowerInvariant())
        {
            case "host":
                return;
            case "ingress":
                entry.Refuse("publish.mode", "mode ingress, the port on every node of a cluster, is not there yet", "write mode=host, the port of this host");
                return;
            default:
                entry.Refuse("publish.mode", $"'{value}' is not a mode", "write mode=host");
                return;
        }
    }
}
