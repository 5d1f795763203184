using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Tests.Infrastructure;

/// <summary>What a run printed, and its exit code.</summary>
internal sealed record Run(string Out, string Error, int Exit)
{
    /// <summary>The moment at which all tests take place.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    /// <summary>Drawing without colour and limit.</summary>
    public static Style Plain { get; } = new(HasColour: false, Width: null, Now, TimeZoneInfo.Utc);

    /// <summary>Runs a command line in this process.</summary>
    public static async Task<Run> InProcessAsync(
        string? host, string[] args, int? width = null, TimeSpan? namesTimeout = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal { Out = output, Error = error, Width = width };
        using var signals = new Signals();
        var session = new Session(
            terminal, new FixedTime(), name => name == DaemonAddress.Variable ? host : null, signals)
        {
            // A busy machine may take long; only the test of the limit itself wants it short.
            NamesTimeout = namesTimeout ?? TimeSpan.FromMinutes(1),
        };
        var exit = await CommandLine.RunAsync(args, session);
        return new Run(output.ToString(), error.ToString(), exit);
    }

    /// <summary>Runs a command line against a server that gives one answer.</summary>
    public static async Task<(Run Run, List<CannedRequest> Requests)> AgainstAsync(byte[]? answer, params string[] args)
    {
        await using var server = new CannedServer(_ => answer);
        return (await InProcessAsync(server.Path, args), server.Requests);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
