using System.Net;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>Questions of single tests to the prober.</summary>
internal static class Reach
{
    /// <summary>Nothing came back.</summary>
    public const string Nothing = "nothing";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_morePatience = TimeSpan.FromSeconds(6);

    /// <summary>Asserts who is seen at a port, by TCP and by UDP alike, for several clients and targets at once.</summary>
    /// <param name="wanted">From where, to which address and port, and the address that is seen there, or <see cref="Nothing"/>.</param>
    public static async Task SeenAsync(params (Place From, string To, int Port, string Seen)[] wanted)
    {
        // Those that must be answered get more time; those that must not prove it only together with them.
        foreach (var isAnswered in new[] { true, false })
        {
            var probes = wanted.Where(w => w.Seen == Nothing != isAnswered)
                .SelectMany(static w => new[] { Transport.Tcp, Transport.Udp }
                    .Select(t => (Probe: new Probe(w.From, t, new IPEndPoint(IPAddress.Parse(w.To), w.Port)), w.Seen)))
                .ToArray();
            var results = await Prober.RunAsync([.. probes.Select(static p => p.Probe)], isAnswered ? s_morePatience : s_patience);
            Assert.Equal(
                probes.Select(static p => $"{p.Probe}: {p.Seen}"),
                probes.Zip(results).Select(static p => $"{p.First.Probe}: {p.Second ?? Nothing}"));
        }
    }
}
