using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Api;
using Networking.Netd.Requests;
using Networking.Netd.Tests.Ipam;

namespace Networking.Netd.Tests;

/// <summary>A request of the greatest size that is wrong in all of its parts is refused in few words and with little work.</summary>
public sealed class RequestLimitTests
{
    private const int BodyBytes = 1_000_000;
    private const int AnswerBytesMax = 4_000_000;
    private const long WorkBytesMax = 60_000_000;

    private readonly List<Problem> _problems = [];

    [Fact]
    public void Gateways_in_none_of_many_subnets_are_few_and_name_the_first_subnets()
    {
        _ = NetworkRequestReader.Read(new CreateNetworkRequest { Name = "a", Subnets = Subnets(256), Gateways = Many(256, static n => $"192.168.{n / 250}.{(n % 250) + 1}") }, _problems);
        Assert.Equal(256, _problems.Count);
        Assert.Equal("the subnets are 10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24, 10.0.3.0/24, 10.0.4.0/24, 10.0.5.0/24, 10.0.6.0/24, 10.0.7.0/24 and 248 more", _problems[0].Hint);

        _problems.Clear();
        _ = NetworkRequestReader.Read(new CreateNetworkRequest { Name = "a", Subnets = Subnets(30_000), Gateways = Subnets(30_000) }, _problems);
        Assert.Equal(["--subnet is given 30000 times, and 256 is the most in one request", "--gateway is given 30000 times, and 256 is the most in one request"], _problems.Select(static p => p.Message));
    }

    [Fact]
    public void Labels_and_options_that_are_not_set_name_the_first_that_are()
    {
        var node = new Node();
        var labels = Many(1000, static n => $"label-{n}").ToImmutableSortedDictionary(static l => l, static _ => string.Empty);
        var (created, problems) = node.Create(new CreateNetworkRequest { Name = "app", Labels = labels });
        Assert.True(created is not null, string.Join('\n', problems));
        (_, problems) = node.Update("app", new UpdateNetworkRequest { RemovedLabels = Many(4096, static n => $"unset-{n}"), RemovedOptions = Many(4096, static n => $"unset-{n}") });
        Assert.Equal(8192, problems.Length);
        Assert.All(problems, static p => Assert.InRange(p.Hint!.Length, 1, 200));

        (_, problems) = node.Update("app", new UpdateNetworkRequest { RemovedLabels = Many(4097, static n => $"unset-{n}") });
        Assert.Equal("request.many", Assert.Single(problems).Code);
    }

    [Fact]
    public void Aliases_and_ports_to_take_back_are_counted()
    {
        _ = EndpointRequestReader.Read(new ConnectRequest { Sandbox = "a", Aliases = Many(257, static n => $"a{n}") }, _problems);
        _ = UnpublishReader.Read(Many(4097, static n => $"{n}"), _problems);
        Assert.Equal(["--alias", "--unpublish"], _problems.Select(static p => p.Field));
    }

    [Theory]
    [InlineData("{", "\"a\":1,", "\"name\":\"app\"}")]
    [InlineData("{\"name\":\"app\",\"subnets\":[", "1,", "1]}")]
    [InlineData("{\"labels\":{", "\"a\":1,", "\"b\":\"c\"},\"name\":\"app\"}")]
    public void Fields_that_are_wrong_are_told_up_to_a_number_and_counted_beyond(string head, string wrong, string tail)
    {
        var body = Encoding.UTF8.GetBytes(new StringBuilder(head).Insert(head.Length, wrong, (BodyBytes - head.Length - tail.Length) / wrong.Length).Append(tail).ToString());
        _ = RequestBody.Read("{}"u8.ToArray(), ApiJson.Strict.CreateNetworkRequest, []); // what is made once

        var before = GC.GetAllocatedBytesForCurrentThread();
        var request = RequestBody.Read(body, ApiJson.Strict.CreateNetworkRequest, _problems);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, WorkBytesMax);
        Assert.Equal("app", request?.Name);
        Assert.Equal(33, _problems.Count);
        Assert.EndsWith(" more fields are wrong", _problems[^1].Message, StringComparison.Ordinal);
        Assert.InRange(_problems.Sum(static p => p.Message.Length + (p.Hint?.Length ?? 0)), 0, AnswerBytesMax);
    }

    private static ImmutableArray<string> Subnets(int count) => Many(count, static n => $"10.{n / 256}.{n % 256}.0/24");

    private static ImmutableArray<string> Many(int count, Func<int, FormattableString> text) =>
        [.. Enumerable.Range(0, count).Select(n => text(n).ToString(CultureInfo.InvariantCulture))];
}
