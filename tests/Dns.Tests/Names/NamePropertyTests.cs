namespace Networking.Dns.Tests;

/// <summary>Any history of names gives what a plain list of who is there would give, and a change costs what it changes.</summary>
public sealed class NamePropertyTests
{
    private static readonly string[] Networks = ["n0", "n1", "n2"];
    private static readonly string[] Words = ["a", "b", "c", "d", "a.b", "b.n1"];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(2026)]
    public void Any_history_resolves_like_a_list(int seed) => Assert.Null(FirstDifference(seed, PlantedBug.None));

    [Theory]
    [InlineData("StaleName")]
    [InlineData("LeakedName")]
    [InlineData("WrongNetwork")]
    public void A_planted_mistake_is_found(string bug) => Assert.NotNull(FirstDifference(seed: 1, Enum.Parse<PlantedBug>(bug)));

    // What a sandbox is told, and what others are asked, after each step; null if it is as by the list.
    private static string? FirstDifference(int seed, PlantedBug bug)
    {
        var random = new Random(seed);
        var town = new Town(bug).WithNetwork("n0").WithNetwork("n1").WithNetwork("n2").WithSandbox("s", "n2", "n0");
        var present = new List<(string Network, EndpointNames Names)>();
        for (var step = 0; step < 1_500; step++)
        {
            if (present.Count > 0 && random.Next(2) == 0)
            {
                var index = random.Next(present.Count);
                town.Remove(present[index].Network, present[index].Names);
                present.RemoveAt(index);
            }
            else
            {
                var network = Networks[random.Next(Networks.Length)];
                string[] aliases = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Words[random.Next(Words.Length)])];
                present.Add((network, town.Add(network, $"e{step}", $"10.{step >> 8}.{step & 255}.1", aliases: aliases)));
            }

            var word = Words[random.Next(Words.Length)];
            var name = random.Next(3) == 0 ? $"{word}.{Networks[random.Next(Networks.Length)]}" : word;
            var (expected, said) = (Expected(present, name), town.Ask("s", name));
            if (Addresses(said) != expected)
            {
                return $"step {step}: {name} is {said}, and should be {expected}";
            }

            // A name of any network, and one without a dot, is nobody else's to know.
            var isOurs = !name.Contains('.') || present.Any(p => p.Names.Aliases.Any(a => name == $"{a}.{p.Network}"));
            if (isOurs && said == "upstream")
            {
                return $"step {step}: others are asked for {name}";
            }
        }

        return null;
    }

    [Fact]
    public void One_change_allocates_as_much_among_ten_as_among_ten_thousand()
    {
        var town = new Town().WithNetwork("n");
        var costs = new List<long>();
        for (var i = 0; i <= 10_000; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var added = town.Add("n", $"e{i}", $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", aliases: ["all", $"alias{i}"]);
            if (i is > 10 and < 30 or > 9_980)
            {
                town.Remove("n", added);
                _ = town.Add("n", $"e{i}", $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", aliases: ["all", $"alias{i}"]);
                costs.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }

        var (few, many) = (costs.Take(18).Average(), costs.Skip(18).Average());
        Assert.True(many < few * 4, $"{few:N0} bytes among ten, {many:N0} among ten thousand"); // the logarithm: 14 levels for 4
    }

    private static string Expected(List<(string Network, EndpointNames Names)> present, string name)
    {
        string[] attached = ["n2", "n0"];
        foreach (var network in attached)
        {
            if (Holders(network, name) is { Length: > 0 } whole)
            {
                return whole;
            }
        }

        for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1))
        {
            if (attached.Contains(name[(dot + 1)..]) && Holders(name[(dot + 1)..], name[..dot]) is { Length: > 0 } behind)
            {
                return behind;
            }
        }

        return string.Empty;

        string Holders(string network, string sought) => string.Join(' ', present
            .Where(p => p.Network == network && p.Names.Aliases.Contains(sought))
            .OrderBy(static p => p.Names.Id.Value, StringComparer.Ordinal).Select(static p => p.Names.Ipv4!.ToString())); // all have one
    }

    private static string Addresses(string answer) => string.Join(' ', answer.Split(' ').Where(static w => w.StartsWith("10.", StringComparison.Ordinal)));
}
