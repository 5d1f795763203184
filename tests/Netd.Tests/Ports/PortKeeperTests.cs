using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Netd.Events;
using Networking.Netd.Forwarding;
using Networking.Netd.Ports;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Ports;

/// <summary>The socket of a port that is published no more is kept until the kernel translates the port no more.</summary>
public sealed class PortKeeperTests : IAsyncDisposable
{
    private static readonly ScopeId s_scope = ScopeId.Of(Web().Id);

    private readonly FakeHostPorts _host = new();
    private readonly ManualTime _time = new();
    private readonly PortForwarder _forwarder;
    private readonly PortKeeper _keeper;
    private EndpointRecord? _current;

    public PortKeeperTests()
    {
        _forwarder = new PortForwarder(new ForwarderOptions(), _time, static (_, _, _) => true, NullLogger.Instance);
        _keeper = new PortKeeper(_host, _forwarder, new EventLog(_time));
    }

    public async ValueTask DisposeAsync()
    {
        await _keeper.DisposeAsync();
        await _forwarder.DisposeAsync();
    }

    [Fact]
    public async Task It_is_closed_when_the_kernel_has_come_to_the_change_and_not_before()
    {
        Publish(8080, 8081);
        Change(5, Web(8081));
        Assert.True(_keeper.IsChanged(s_scope));

        await FollowAsync(4);
        Assert.Equal(2, _host.Bound);
        await FollowAsync(5);
        Assert.Equal(1, _host.Bound);
        Assert.False(_keeper.IsChanged(s_scope));
    }

    [Fact]
    public async Task A_later_change_puts_it_off_and_what_is_published_again_stays()
    {
        Publish(8080, 8081, 8082);
        Change(5, Web(8081, 8082));
        Change(6, Web(8080, 8081));

        await FollowAsync(5);
        Assert.Equal(3, _host.Bound);
        await FollowAsync(6);
        Assert.Equal(2, _host.Bound);
        Assert.Empty(_keeper.UnkeptOf(_current!));
    }

    [Fact]
    public async Task What_is_published_again_by_a_request_that_is_just_being_committed_stays()
    {
        Publish(8080, 8081);
        Change(5, Web(8081));
        _current = Web(8080, 8081);

        await FollowAsync(5);

        Assert.Equal(2, _host.Bound);
    }

    [Fact]
    public async Task Nothing_is_left_of_an_endpoint_that_is_gone()
    {
        Publish(8080);
        Change(5, Web());
        _current = null;

        await _keeper.ReleaseAsync(s_scope);

        Assert.False(_keeper.IsChanged(s_scope));
        Assert.Equal(0, _host.Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_news_that_a_scope_is_as_asked_goes_to_who_awaits_it(bool isAwaited)
    {
        using var listener = new ReconcilerListener(new EventLog(_time), NullLogger.Instance, _time) { IsAwaited = s => isAwaited && s == s_scope };
        listener.ScopeChanged(s_scope, new ScopeStatus(ScopeCondition.Pending, "in work", default, null, 0, 5));
        Assert.False(listener.Settled.TryRead(out _));

        listener.ScopeChanged(s_scope, new ScopeStatus(ScopeCondition.Done, null, default, null, 0, 5));

        Assert.Equal(isAwaited, listener.Settled.TryRead(out _));
    }

    private Task FollowAsync(long reached) => _keeper.FollowAsync(s_scope, reached, _ => _current);

    private void Publish(params int[] ports)
    {
        _current = Web(ports);
        var (reservations, refusals) = _host.Reserve([.. ports.Select(static p => new PortClaim(PortProtocol.Tcp, IPAddress.Any, p))]);
        Assert.Empty(refusals);
        _keeper.Keep(_current, reservations);
    }

    private void Change(long revision, EndpointRecord record)
    {
        _current = record;
        _keeper.Change(record, revision);
    }

    private static EndpointRecord Web(params int[] ports) => WebEndpoint.With(
    [
        .. ports.Select(static p => new PublishedPort
        {
            Protocol = PortProtocol.Tcp,
            HostAddress = IPAddress.Any,
            HostPorts = new PortRange(p, p),
            TargetAddress = IPAddress.Parse("172.20.0.2"),
            TargetFirst = p,
            Exposure = PortExposure.Lan,
        }),
    ]);
}
