using System.Text;
using Networking.Netlink;
using Networking.Netlink.Tests.Iptables;

namespace Networking.Fuzz.Tests;

/// <summary>What a program prints that calls itself iptables-save: a picture or <see cref="WireFormatException"/>.</summary>
public sealed class IptablesFuzzTests
{
    private const long BytesMax = 256 * 1024;
    private const long BytesMaxOfLong = 16 * 1024 * 1024; // of texts of some 300 KB: UTF-16, and each rule's text twice
    private const int LinesOfLong = 4_000;

    private static readonly byte[] s_saved = Encoding.UTF8.GetBytes(IptablesSavedSample.Text);
    private static readonly string[] s_lines = [.. IptablesSavedSample.Text.Split('\n'), "*nat", "COMMIT", "-A NETD-FORWARD", "-A NETD-FORWARD -m comment --comment \"", ":NETD-FORWARD - [0:0]"];

    public static TheoryData<int> Seeds() => FuzzRun.Seeds(1, 20_26);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_text_never_breaks_the_reader(int seed)
    {
        var share = FuzzRun.Each(seed, 10_000, BytesMax, static r => FuzzRun.Wrong(r, s_saved), Read, typeof(WireFormatException));
        Assert.InRange(share, 1, 99); // of both kinds
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Lines_in_any_order_never_break_the_reader(int seed)
    {
        var share = FuzzRun.Each(seed, 10_000, BytesMax, static r => Shuffled(r, r.Next(30)), Read, typeof(WireFormatException));
        Assert.InRange(share, 1, 99);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_bytes_never_break_the_reader(int seed) =>
        _ = FuzzRun.Each(seed, 20_000, BytesMax, static r => FuzzRun.Noise(r, 300), Read, typeof(WireFormatException));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_long_text_takes_memory_and_time_in_proportion(int seed) =>
        _ = FuzzRun.Each(seed, 40, BytesMaxOfLong, static r => Long(r), Read, typeof(WireFormatException));

    private static byte[] Shuffled(Random random, int count) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(_ => s_lines[random.Next(s_lines.Length)] + "\n").Prepend(random.Next(2) == 0 ? "*filter\n" : string.Empty).Append("COMMIT\n")));

    private static byte[] Long(Random random) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, LinesOfLong).Select(_ => LongRule(random)).Prepend("*filter\n:NETD-FORWARD - [0:0]\n").Append("COMMIT\n")));

    private static string LongRule(Random random) => random.Next(3) switch
    {
        0 => ":NETD-FORWARD - [0:0]\n-A NETD-FORWARD -m comment --comment \"netd: x\" -j RETURN\n",
        1 => $":NETD-{random.Next()} - [0:0]\n",
        _ => "-A NETD-FORWARD -m comment --comment \"\\\"\\\"\\\"\\\\ netd: y\n",
    };

    // Everything that is asked of a picture later is asked of this one.
    private static bool Read(byte[] bytes)
    {
        var snapshot = new IptablesSnapshot();
        IptablesSavedText.Read(isIpv6: false, Encoding.UTF8.GetString(bytes), snapshot);
        foreach (var place in IptablesPlace.All)
        {
            _ = snapshot.HasOurs(place) | snapshot.HasOurComment(place);
            foreach (var line in snapshot[place].Values.SelectMany(static l => l))
            {
                _ = IptablesJump.TargetOf(line);
                _ = line.About is { } about && IptablesElement.TryParse(about, out _);
            }
        }

        return true;
    }
}
