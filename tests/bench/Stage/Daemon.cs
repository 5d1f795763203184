using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Networking.Bench;

/// <summary>netd as built by build.sh, in a namespace of its own, with throw-away state on a real disk.</summary>
internal sealed class Daemon : IDisposable
{
    private static int s_count;

    private readonly Process _process;
    private readonly string _place;
    private readonly Report _report;

    /// <summary>Starts it.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="program">Another build than this repository's; null for that.</param>
    /// <param name="flags">What it is started with besides.</param>
    public Daemon(Stage stage, string? program = null, params string[] flags)
    {
        _report = stage.Report;
        var number = Interlocked.Increment(ref s_count);
        _place = Directory.CreateDirectory(Path.Combine(stage.Place, $"netd{number}")).FullName;
        Host = new HostNamespace($"ours{number}");
        var socket = Path.Combine(_place, "run", "netd.sock");
        _process = Command.Stay(
            [
                .. Host.Prefix, program ?? Path.Combine(stage.Root, "artifacts", "ahead", "netd"), "--config", "/dev/null",
                "--state-dir", Path.Combine(_place, "state"), "--run-dir", Path.Combine(_place, "run"), .. flags,
            ],
            LogFile);
        Api = new ApiClient(socket);
        try
        {
            Wait.Until(() => _process.HasExited || Api.Answers("/v1/version"), TimeSpan.FromSeconds(20), "netd answers", stage.Stop);
            if (_process.HasExited)
            {
                throw new CommandException($"netd ended at its start: {File.ReadAllText(LogFile)}");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its host.</summary>
    public HostNamespace Host { get; }

    public ApiClient Api { get; }

    public string Version => Api.SendJson("GET", "/v1/version", null).GetProperty("version").GetString() ?? "unknown";

    /// <summary>Where it says what it does not like.</summary>
    public string LogFile => Path.Combine(_place, "log");

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Resident memory, in MB of a million bytes.</summary>
    public double ResidentMegabytes => Resident.Megabytes(_process.Id);

    public void CreateNetwork(string name, string subnet) =>
        _ = Api.Send("POST", "/v1/networks", JsonSerializer.Serialize(new { name, subnets = new[] { subnet } }));

    /// <summary>Connects, publishes ports, and waits until all of it is done.</summary>
    public JsonElement Connect(string network, string sandbox, params string[] publish)
    {
        var answer = Api.SendJson("POST", $"/v1/networks/{network}/connect", JsonSerializer.Serialize(new { sandbox, publish }));
        return answer.GetProperty("status").GetProperty("state").GetString() == "done"
            ? answer
            : throw new CommandException($"netd did not finish: {answer}");
    }

    public void Disconnect(string network, string sandbox) =>
        _ = Api.Send("POST", $"/v1/networks/{network}/disconnect", $$"""{"sandbox":"{{sandbox}}"}""");

    /// <summary>A counter or gauge of /metrics.</summary>
    public double Metric(string name) => Api.Send("GET", "/metrics", null).Split('\n')
        .Where(l => l.StartsWith(name + ' ', StringComparison.Ordinal))
        .Select(l => double.Parse(l.AsSpan(name.Length + 1), CultureInfo.InvariantCulture))
        .FirstOrDefault(double.NaN);

    public void Dispose()
    {
        var answers = Api.Answers("/v1/version");
        Api.Dispose();
        if (!answers)
        {
            _ = _process.WaitForExit(TimeSpan.FromSeconds(5)); // its last words come after the last answer
            _report.Note($"bench: netd does not answer any more: {string.Join('\n', File.ReadLines(LogFile).TakeLast(20))}");
        }

        Command.End(_process, TimeSpan.FromSeconds(30));
        Host.Dispose();
    }
}
