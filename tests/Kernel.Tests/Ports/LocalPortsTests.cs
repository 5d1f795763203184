using Networking.Model;

namespace Networking.Kernel.Tests.Ports;

/// <summary>Which ports may be given by themselves.</summary>
public sealed class LocalPortsTests
{
    [Fact]
    public void The_last_reserved_port_in_the_way_is_the_same_as_by_looking_at_each()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var reserved = Enumerable.Range(1, 60).Where(_ => random.Next(4) == 0).ToArray();
            var local = new LocalPorts(new PortRange(1, 60), [.. Merge(reserved)]);
            var first = random.Next(1, 61);
            var ports = new PortRange(first, random.Next(first, 61));

            var expected = reserved.Where(port => port >= ports.First && port <= ports.Last).Select(static port => (int?)port).LastOrDefault();

            Assert.Equal(expected, local.LastReservedIn(ports));
        }
    }

    [Fact]
    public void Equal_are_those_with_equal_contents()
    {
        var one = new LocalPorts(new PortRange(1, 9), [new PortRange(3, 4)]);
        var same = new LocalPorts(new PortRange(1, 9), [new PortRange(3, 4)]);

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, one with { Reserved = [new PortRange(3, 5)] });
        Assert.NotEqual(one, one with { Range = new PortRange(1, 8) });
    }

    private static IEnumerable<PortRange> Merge(int[] ports)
    {
        for (var i = 0; i < ports.Length;)
        {
            var first = i;
            for (i++; i < ports.Length && ports[i] == ports[i - 1] + 1; i++)
            {
            }

            yield return new PortRange(ports[first], ports[i - 1]);
        }
    }
}
