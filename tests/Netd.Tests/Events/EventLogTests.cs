using Networking.Netd.Events;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Events;

public sealed class EventLogTests
{
    [Fact]
    public async Task Whoever_asks_by_a_number_of_the_daemon_before_gets_all_that_this_one_remembers()
    {
        var log = new EventLog(new ManualTime());
        for (var i = 1; i <= 3; i++)
        {
            log.Add("network.created", $"{i}", null, string.Empty);
        }

        Assert.Equal(["2", "3"], await ObjectsAsync(log, since: 1));
        Assert.Empty(await ObjectsAsync(log, since: 3));
        Assert.Equal(["1", "2", "3"], await ObjectsAsync(log, since: 4));
        Assert.Empty(await ObjectsAsync(log, since: null));
    }

    private static async Task<List<string>> ObjectsAsync(EventLog log, long? since)
    {
        var objects = new List<string>();
        await foreach (var item in log.ReadAsync(since, isFollowing: false, TestContext.Current.CancellationToken))
        {
            objects.Add(item.Object);
        }

        return objects;
    }
}
