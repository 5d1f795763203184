using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Networking.Netd.Configuration;
using Networking.Netd.Purge;
using Networking.Netd.Watch;

namespace Networking.Netd.Tests;

/// <summary>What the service manager and the package ask of the program.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netd-service-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_manager_that_does_not_listen_any_more_ends_nothing()
    {
        var path = $"{_folder}/notify";
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        using var notifier = new SystemdNotifier(path, "1000000", NullLogger.Instance);
        notifier.Ready();
        var buffer = new byte[64];
        Assert.Equal("READY=1"u8, buffer.AsSpan(0, manager.Receive(buffer)));
        manager.Dispose();
        notifier.Status("nobody hears this");
        notifier.Stopping();
    }

    [Fact]
    public void A_manager_that_is_not_there_is_none()
    {
        using var notifier = new SystemdNotifier($"{_folder}/nothing", "1000000", NullLogger.Instance);
        Assert.Null(notifier.WatchdogEvery);
        notifier.Ready();
    }

    [Theory]
    [InlineData("netd.db", true)]
    [InlineData("cluster.json", true)]
    [InlineData("ring.json", true)]
    [InlineData("lock", false)]
    public void State_is_there_if_any_of_its_files_is(string file, bool expected)
    {
        File.WriteAllText($"{_folder}/{file}", string.Empty);
        Assert.Equal(expected, Purging.HasState(new DaemonOptions { StateDirectory = _folder }));
    }
}
