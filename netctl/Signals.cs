using System.Runtime.InteropServices;

namespace Networking.Netctl;

/// <summary>
/// Ctrl-C and SIGTERM end the wait, not the process: the progress line is cleared and the exit code says which it was.
/// A second Ctrl-C ends the process at once.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private volatile bool _leftToChild;
    private volatile int _exit = ExitCode.Interrupted;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The exit code that the signal asks for.</summary>
    public int Exit => _exit;

    /// <summary>Starts to listen; not in the constructor, because help and parse errors need none of it.</summary>
    public void Listen()
    {
        if (_registrations.Count > 0)
        {
            return;
        }

        Register(PosixSignal.SIGINT, ExitCode.Interrupted);
        Register(PosixSignal.SIGTERM, ExitCode.Terminated);
    }

    /// <summary>
    /// From now on the keyboard's signals are the child's: it shares our process group and gets them itself, and we
    /// must outlive it to pass its exit code on. SIGTERM still ends the wait.
    /// </summary>
    public void LeaveKeyboardToChild()
    {
        _leftToChild = true;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => context.Cancel = true));
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Register(PosixSignal signal, int exit) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            if (signal == PosixSignal.SIGINT && _leftToChild)
            {
                context.Cancel = true;
                return;
            }

            // The second signal finds the source cancelled and takes the default way: the process ends.
            context.Cancel = !_source.IsCancellationRequested;
            _exit = exit;
            _source.Cancel();
        }));
}
