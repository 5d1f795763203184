using System.CommandLine;
using Networking.Netctl.Client;
using Networking.Netctl.Completion;
using Networking.Netctl.Output;

namespace Networking.Netctl;

/// <summary>What the verbs of one run share: terminal, clock, environment, signals and the way to the daemon.</summary>
internal sealed class Session(Terminal terminal, TimeProvider time, Func<string, string?> environment, Signals signals)
{
    /// <summary><c>--host</c>, understood by every verb.</summary>
    public Option<string> Host { get; } = new("--host", "-H")
    {
        Description = $"socket of the daemon, unix:///path or a path [{DaemonAddress.Variable}; {DaemonAddress.DefaultPath}]",
        HelpName = "ADDRESS",
        Recursive = true,
    };

    /// <summary>Where output goes.</summary>
    public Terminal Terminal { get; } = terminal;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Ctrl-C and SIGTERM.</summary>
    public Signals Signals { get; } = signals;

    /// <summary>Names that completion offers.</summary>
    public KnownNames Names { get; } = new();

    /// <summary>How long completion waits for the daemon: beyond this a key press feels stuck.</summary>
    public TimeSpan NamesTimeout { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How to draw for this terminal, now.</summary>
    public Style Style => new(Terminal.HasColour, Terminal.Width, Time.GetUtcNow(), Time.LocalTimeZone);

    /// <summary>A variable of the environment.</summary>
    public string? Variable(string name) => environment(name);

    /// <summary>A client of the daemon that the command line names.</summary>
    public DaemonClient Connect(ParseResult parse) =>
        new(DaemonAddress.Parse(parse.GetValue(Host), environment(DaemonAddress.Variable)));

    /// <summary>Waits, and from the second second on says so where a person looks on.</summary>
    public Task<T> WaitAsync<T>(Task<T> work, string what) =>
        Terminal.ShowsProgress ? Progress.ShowAsync(work, what, Terminal.Error, Time, Progress.Patience) : work;

    /// <summary>Gives a command its action: a report to print, also when it fails.</summary>
    public void SetAction(Command command, Func<ParseResult, CancellationToken, Task<Report>> run) =>
        command.SetAction(async (parse, cancel) =>
        {
            Signals.Listen();
            return Terminal.Print(await run(parse, cancel));
        });
}
