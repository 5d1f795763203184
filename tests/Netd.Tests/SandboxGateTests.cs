using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Tests;

/// <summary>Who is on the way to a namespace keeps the way.</summary>
public sealed class SandboxGateTests
{
    private static readonly NetNs s_a = new(1);
    private static readonly NetNs s_b = new(2);
    private readonly SandboxGate _gate = new();

    [Fact]
    public async Task A_way_is_not_forgotten_while_a_request_is_on_it()
    {
        var isForgotten = false;
        await _gate.EnterAsync(s_a, TestContext.Current.CancellationToken);
        await _gate.EnterAsync(s_a, TestContext.Current.CancellationToken);
        await _gate.TryForgetAsync(s_a, ForgetAsync);
        _gate.Leave(s_a);
        await _gate.TryForgetAsync(s_a, ForgetAsync);
        Assert.False(isForgotten);

        _gate.Leave(s_a);
        await _gate.TryForgetAsync(s_a, ForgetAsync);
        Assert.True(isForgotten);

        Task ForgetAsync()
        {
            isForgotten = true;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_request_waits_for_a_forgetting_that_has_begun()
    {
        var forgetting = new TaskCompletionSource();
        var forgotten = _gate.TryForgetAsync(s_a, () => forgetting.Task);
        var entered = _gate.EnterAsync(s_a, TestContext.Current.CancellationToken);
        var other = _gate.EnterAsync(s_b, TestContext.Current.CancellationToken);
        Assert.True(other.IsCompletedSuccessfully);
        Assert.False(entered.IsCompleted);

        forgetting.SetResult();
        await forgotten;
        await entered;
        _gate.Leave(s_a);
        _gate.Leave(s_b);
    }

    [Fact]
    public async Task A_failed_forgetting_lets_requests_in_again()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _gate.TryForgetAsync(s_a, static () => throw new InvalidOperationException()));
        await _gate.EnterAsync(s_a, TestContext.Current.CancellationToken);
        _gate.Leave(s_a);
    }
}
