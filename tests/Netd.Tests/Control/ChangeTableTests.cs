using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Tests.Ipam;

namespace Networking.Netd.Tests.Control;

/// <summary>The table of <c>docs/tasks/change-a-network.md</c>: every row is tried, and says the truth.</summary>
public sealed class ChangeTableTests
{
    private const string Live = "live";
    private const string FromNowOn = "from now on";
    private const string Refused = "refused";
    private const string LiveUnlessPublished = "live; refused while ports are published";
    private const string LiveIfPublished = "live; refused where none is published";

    public static TheoryData<string, string> Rows()
    {
        var data = new TheoryData<string, string>();
        foreach (var (words, says) in ReadRows())
        {
            data.Add(words, says);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_says_what_happens(string words, string says)
    {
        var (without, with) = (EffectOf(words, hasPorts: false), EffectOf(words, hasPorts: true));

        Assert.Equal(says, with == without ? with : without == Refused ? $"{with}; {Refused} where none is published" : $"{without}; {with} while ports are published");
    }

    [Fact]
    public void The_table_has_rows_of_every_effect() =>
        Assert.Equal([FromNowOn, Live, LiveIfPublished, LiveUnlessPublished, Refused], ReadRows().Select(static r => r.Says).Distinct().Order(StringComparer.Ordinal));

    private static string EffectOf(string words, bool hasPorts)
    {
        const string endpointWord = "web ";
        var isEndpoints = words.StartsWith(endpointWord, StringComparison.Ordinal);
        var request = isEndpoints ? new UpdateNetworkRequest() : RequestOf(words);
        var addsIpv6 = request.Ipv6 == true || request.Subnets.Any(static s => s.Contains(':', StringComparison.Ordinal));
        var node = new Node();
        var (created, problems) = node.Create(new CreateNetworkRequest
        {
            Name = "app",
            Subnets = addsIpv6 ? ["10.20.0.0/24"] : ["10.20.0.0/24", "fd00:20::/64"],
            Labels = ImmutableSortedDictionary<string, string>.Empty.Add("team", "db"),
        });
        Assert.True(created is not null, string.Join('\n', problems));
        var endpoint = node.Connect("app", "web", ports: hasPorts ? ["8080:80"] : []).Endpoint;
        Assert.Equal(hasPorts ? 2 : 0, endpoint!.Ports.Length);
        var before = node.State;

        var (warnings, refusals) = isEndpoints ? Update(node, EndpointRequestOf(words[endpointWord.Length..])) : Update(node, request);

        if (!refusals.IsEmpty)
        {
            Assert.Same(before, node.State);
            return Refused;
        }

        Assert.NotSame(before, node.State);
        return warnings.IsEmpty ? Live : FromNowOn;
    }

    private static (ImmutableArray<string> Warnings, ImmutableArray<Problem> Refusals) Update(Node node, UpdateNetworkRequest request)
    {
        var (updated, refusals) = node.Update("app", request);
        return (updated?.Warnings ?? [], refusals);
    }

    private static (ImmutableArray<string> Warnings, ImmutableArray<Problem> Refusals) Update(Node node, UpdateEndpointRequest request)
    {
        var before = node.State.Endpoints.Values.Single();
        var (updated, refusals) = node.UpdateEndpoint("app", "web", request);
        Assert.NotEqual(before, updated);
        return ([], refusals);
    }

    private static UpdateEndpointRequest EndpointRequestOf(string words)
    {
        var request = new UpdateEndpointRequest();
        var parts = words.Split(' ');
        for (var i = 0; i < parts.Length; i++)
        {
            request = parts[i] switch
            {
                "--publish" => request with { Publish = [parts[++i]] },
                "--unpublish" => request with { Unpublish = [parts[++i]] },
                "--expose" => request with { Expose = parts[++i] },
                "--dns" => request with { Dns = [parts[++i]] },
                "--dns-search" => request with { DnsSearch = [parts[++i]] },
                "--dns-option" => request with { DnsOptions = [parts[++i]] },
                _ => throw new InvalidDataException($"the table has '{parts[i]}', which this test does not know"),
            };
        }

        return request;
    }

    private static UpdateNetworkRequest RequestOf(string words)
    {
        var request = new UpdateNetworkRequest();
        var parts = words.Split(' ');
        for (var i = 0; i < parts.Length; i++)
        {
            request = parts[i] switch
            {
                "--ipv6" => request with { Ipv6 = true },
                "--ipv6=false" => request with { Ipv6 = false },
                "--ipv4=false" => request with { Ipv4 = false },
                "--subnet" => request with { Subnets = [parts[++i]] },
                "--label-rm" => request with { RemovedLabels = [parts[++i]] },
                "--label" => request with { Labels = PairOf(parts[++i]) },
                "-o" => request with { Options = PairOf(parts[++i]) },
                "--dns" => request with { Dns = [parts[++i]] },
                "--dns-search" => request with { DnsSearch = [parts[++i]] },
                "--dns-option" => request with { DnsOptions = [parts[++i]] },
                _ => throw new InvalidDataException($"the table has '{parts[i]}', which this test does not know"),
            };
        }

        return request;
    }

    private static ImmutableSortedDictionary<string, string> PairOf(string text) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(text.Split('=')[0], text.Split('=')[1]);

    private static IEnumerable<(string Words, string Says)> ReadRows() =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "tasks", "change-a-network.md"))
            .Where(static l => l.StartsWith('|') && l.Contains('`', StringComparison.Ordinal))
            .Select(static l => l.Split('|', StringSplitOptions.TrimEntries))
            .Select(static cells => (cells[2].Trim('`'), cells[3]));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
