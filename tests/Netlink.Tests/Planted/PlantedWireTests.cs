using System.Reflection;
using Networking.Netlink.Tests.Sockets;
using Xunit.Sdk;
using Xunit.v3;

namespace Networking.Netlink.Tests.Planted;

/// <summary>
/// A test that finds no fault that was put there would be worth nothing: with each fault between the encoders and the tests of this
/// project, those tests run again, and the one that is about it must fail.
/// </summary>
public sealed class PlantedWireTests(ITestOutputHelper output)
{
    private static readonly Type[] s_suite = [typeof(EncoderTests), typeof(FirewallGoldenTests), typeof(FirewallTransportTests), typeof(RequestTests)];

    [Theory]
    [InlineData(WirePlant.NestTooShort, nameof(EncoderTests.A_vxlan_device_is_asked_for_like_ip_does))]
    [InlineData(WirePlant.NestTooShort, nameof(FirewallGoldenTests.Attributes_are_those_nft_sends))]
    [InlineData(WirePlant.PaddingCounted, nameof(EncoderTests.A_bridge_is_asked_for_like_ip_does))]
    [InlineData(WirePlant.PaddingCounted, nameof(FirewallGoldenTests.Attributes_are_those_nft_sends))]
    [InlineData(WirePlant.PaddingDirty, nameof(EncoderTests.A_bridge_is_asked_for_like_ip_does))]
    [InlineData(WirePlant.PaddingDirty, nameof(FirewallGoldenTests.Attributes_are_those_nft_sends))]
    [InlineData(WirePlant.AcknowledgementNotAskedFor, nameof(EncoderTests.An_address_is_added_like_ip_does_with_our_mark))]
    [InlineData(WirePlant.AcknowledgementNotAskedFor, nameof(FirewallTransportTests.Batch_without_a_refusal_is_done))]
    [InlineData(WirePlant.AcknowledgementNotAskedFor, nameof(RequestTests.Requests_are_numbered_and_each_asks_for_an_answer))]
    [InlineData(WirePlant.SequenceOffByOne, nameof(FirewallTransportTests.Batch_without_a_refusal_is_done))]
    [InlineData(WirePlant.SequenceOffByOne, nameof(RequestTests.Requests_are_numbered_and_each_asks_for_an_answer))]
    [InlineData(WirePlant.PortInHostOrder, nameof(EncoderTests.A_vxlan_device_is_asked_for_like_ip_does))]
    [InlineData(WirePlant.PortInHostOrder, nameof(FirewallGoldenTests.Attributes_are_those_nft_sends))]
    [InlineData(WirePlant.CreationNotExclusive, nameof(EncoderTests.A_bridge_is_asked_for_like_ip_does))]
    [InlineData(WirePlant.CreationNotExclusive, nameof(FirewallGoldenTests.Creations_fail_where_something_is_there))]
    [InlineData(WirePlant.LastAttributeLost, nameof(EncoderTests.Routes_are_added_like_ip_does))]
    [InlineData(WirePlant.LastAttributeLost, nameof(FirewallGoldenTests.Attributes_are_those_nft_sends))]
    public async Task A_planted_fault_is_found(WirePlant plant, string finder)
    {
        var found = await FailuresAsync(plant);

        output.WriteLine($"{plant}: found {found.Count} times, by {string.Join(", ", found.Distinct())}");
        Assert.Contains(finder, found);
    }

    [Fact]
    public async Task Without_a_fault_nothing_is_found() => Assert.Empty(await FailuresAsync(WirePlant.None));

    /// <summary>The tests that fail, once for each row of their data.</summary>
    private static async Task<List<string>> FailuresAsync(WirePlant plant)
    {
        var failures = new List<string>();
        foreach (var (test, arguments) in await TestsAsync())
        {
            var subject = Activator.CreateInstance(test.DeclaringType!); // a class of tests has one
            using (subject as IDisposable)
            using (PlantedWire.Plant(plant))
            {
                try
                {
                    _ = test.Invoke(subject, arguments);
                }
                catch (TargetInvocationException)
                {
                    failures.Add(test.Name);
                }
            }
        }

        return failures;
    }

    private static async Task<List<(MethodInfo Test, object?[] Arguments)>> TestsAsync()
    {
        var tests = new List<(MethodInfo, object?[])>();
        await using var disposals = new DisposalTracker();
        foreach (var test in s_suite.SelectMany(static type => type.GetMethods()))
        {
            var sources = test.GetCustomAttributes().OfType<IDataAttribute>().ToList();
            foreach (var source in sources)
            {
                if (source is MemberDataAttributeBase member)
                {
                    member.MemberType ??= test.DeclaringType;
                }

                var rows = await source.GetData(test, disposals);
                Assert.NotEmpty(rows);
                tests.AddRange(rows.Select(row => (test, row.GetData())));
            }

            if (sources.Count == 0 && test.GetCustomAttribute<FactAttribute>() is not null)
            {
                Assert.Equal(typeof(void), test.ReturnType); // the fault is of this thread
                tests.Add((test, []));
            }
        }

        return tests;
    }
}
