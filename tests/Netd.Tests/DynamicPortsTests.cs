using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Ports;

namespace Networking.Netd.Tests;

/// <summary>Which ports are chosen when nobody asks for a number.</summary>
public sealed class DynamicPortsTests
{
    private static readonly LocalPorts Ten = new(new PortRange(100, 109), []);

    private readonly DynamicPorts _ports = new();

    [Fact]
    public void Ports_are_given_in_a_round_so_that_one_given_back_rests()
    {
        var given = Enumerable.Range(0, 12).Select(_ => _ports.Choose(Ten, 1, Everything).Ports.First);

        Assert.Equal([100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 100, 101], given);
    }

    [Fact]
    public void Reserved_ports_and_those_in_the_way_are_passed_over()
    {
        var local = Ten with { Reserved = [new PortRange(100, 101), new PortRange(103, 103), new PortRange(109, 200)] };
        var tried = new List<PortRange>();

        var choice = _ports.Choose(local, 1, ports =>
        {
            tried.Add(ports);
            return (ports.First switch { 102 => PortTrial.Granted, 104 => PortTrial.Refused, _ => PortTrial.Taken }, ports.First);
        });

        Assert.Equal(new PortChoice(PortChoiceEnd.Chosen, new PortRange(105, 105), 1), choice);
        Assert.Equal([102, 104, 105], tried.Select(static p => p.First));
    }

    [Fact]
    public void Consecutive_ports_begin_behind_what_was_in_the_way()
    {
        var local = Ten with { Reserved = [new PortRange(101, 101)] };
        var tried = new List<string>();

        var choice = _ports.Choose(local, 3, ports =>
        {
            tried.Add(ports.ToString());
            return ports.Overlaps(new PortRange(104, 104)) ? (PortTrial.Refused, 104) : (PortTrial.Taken, 0);
        });

        Assert.Equal(["102-104", "105-107"], tried);
        Assert.Equal(new PortRange(105, 107), choice.Ports);
        Assert.Equal(new PortRange(102, 104), _ports.Choose(local, 3, Everything).Ports); // 108-110 would leave the range
    }

    [Fact]
    public void A_range_that_is_all_taken_is_looked_through_once()
    {
        _ = _ports.Choose(Ten, 1, Everything);
        _ = _ports.Choose(Ten, 1, Everything);
        var tried = new List<int>();

        var choice = _ports.Choose(Ten, 1, ports =>
        {
            tried.Add(ports.First);
            return (PortTrial.Granted, ports.Last);
        });

        Assert.Equal(new PortChoice(PortChoiceEnd.Exhausted, default, 0), choice);
        Assert.Equal([102, 103, 104, 105, 106, 107, 108, 109, 100, 101], tried);
        Assert.Equal(102, _ports.Choose(Ten, 1, Everything).Ports.First); // nothing was given, so it goes on there
    }

    [Theory]
    [InlineData(11)]
    [InlineData(65535)]
    public void More_ports_than_the_range_has_are_not_to_be_had(int count) =>
        Assert.Equal(PortChoiceEnd.Exhausted, _ports.Choose(Ten, count, Everything).End);

    [Fact]
    public void A_range_of_reserved_ports_has_none() =>
        Assert.Equal(PortChoiceEnd.Exhausted, _ports.Choose(Ten with { Reserved = [new PortRange(1, 65535)] }, 1, Everything).End);

    [Fact]
    public void The_kernel_is_not_asked_without_end()
    {
        var asked = 0;

        var choice = _ports.Choose(LocalPorts.Default, 1, ports =>
        {
            asked++;
            return (PortTrial.Refused, ports.Last);
        });

        Assert.Equal(PortChoiceEnd.RefusedTooOften, choice.End);
        Assert.Equal((DynamicPorts.RefusalsMax, DynamicPorts.RefusalsMax), (asked, choice.Refusals));
    }

    [Fact]
    public void What_no_port_would_mend_ends_the_search()
    {
        var asked = 0;

        var choice = _ports.Choose(Ten, 1, _ =>
        {
            asked++;
            return (PortTrial.Hopeless, 0);
        });

        Assert.Equal((PortChoiceEnd.Hopeless, 1), (choice.End, asked));
    }

    [Fact]
    public void A_range_that_somebody_named_is_taken_from_its_beginning()
    {
        static (PortTrial Trial, int Port) OnlyFrom8002(PortRange ports) => ports.First < 8002 ? (PortTrial.Granted, ports.First) : (PortTrial.Taken, 0);

        Assert.Equal(8002, DynamicPorts.ChooseOneOf(new PortRange(8000, 8010), OnlyFrom8002).Ports.First);
        Assert.Equal(8002, DynamicPorts.ChooseOneOf(new PortRange(8000, 8010), OnlyFrom8002).Ports.First);
        Assert.Equal(PortChoiceEnd.Exhausted, DynamicPorts.ChooseOneOf(new PortRange(8000, 8001), OnlyFrom8002).End);
    }

    [Fact]
    public void A_range_that_moved_is_begun_anew()
    {
        _ = _ports.Choose(Ten, 5, Everything);

        Assert.Equal(200, _ports.Choose(Ten with { Range = new PortRange(200, 209) }, 1, Everything).Ports.First);
    }

    [Fact]
    public void Every_free_place_is_found_wherever_the_round_stands()
    {
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var taken = Enumerable.Range(100, 10).Where(_ => random.Next(2) == 0).ToHashSet();
            var reserved = Enumerable.Range(100, 10).Where(_ => random.Next(5) == 0).ToHashSet();
            var local = Ten with { Reserved = [.. reserved.Order().Select(static port => new PortRange(port, port))] };
            var count = random.Next(1, 5);

            var choice = _ports.Choose(local, count, ports =>
            {
                Assert.InRange(ports.First, 100, 109 - count + 1);
                var inTheWay = Range(ports).Where(taken.Contains).DefaultIfEmpty(0).Max();
                return (inTheWay == 0 ? PortTrial.Taken : PortTrial.Granted, inTheWay);
            });

            var exists = Enumerable.Range(100, 10 - count + 1)
                .Any(first => Enumerable.Range(first, count).All(port => !taken.Contains(port) && !reserved.Contains(port)));
            Assert.Equal(exists ? PortChoiceEnd.Chosen : PortChoiceEnd.Exhausted, choice.End);
            Assert.True(!exists || Range(choice.Ports).All(port => !taken.Contains(port) && !reserved.Contains(port)));
        }

        static IEnumerable<int> Range(PortRange ports) => Enumerable.Range(ports.First, ports.Count);
    }

    private static (PortTrial Trial, int Port) Everything(PortRange ports) => (PortTrial.Taken, 0);
}
