using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// A program that was run to its end: the only place in netd that starts one. The programs are those of iptables, whose legacy
/// tables the kernel lets nobody else change with the lock that they keep among themselves. It runs in the calling thread's
/// namespace, with its own time and bounded output.
/// </summary>
/// <param name="ExitCode">What it ended with.</param>
/// <param name="ProcessId">Its number, now free again.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it complained of, the last 4,096 characters at most.</param>
internal sealed record ProgramRun(int ExitCode, int ProcessId, string Output, string Errors)
{
    private const int ErrorsMax = 4096;

    /// <summary>Runs a program, waits for its end and kills it if that does not come.</summary>
    /// <param name="program">Its full path.</param>
    /// <param name="arguments">Its arguments; no shell reads them.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="outputMax">How many characters it may print.</param>
    /// <param name="started">Told the process's number before it has read anything.</param>
    /// <exception cref="KernelException">It could not be started, took too long, or printed too much.</exception>
    public static ProgramRun Of(string program, IEnumerable<string> arguments, string input, TimeSpan patience, int outputMax, Action<int>? started = null)
    {
        using var process = Start(program, arguments);
        started?.Invoke(process.Id);
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data, outputMax);
        process.BeginErrorReadLine();
        var isLate = false;
        using var deadline = new Timer(
            _ =>
            {
                isLate = true;
                process.Kill(); // ends the reading below
            },
            null,
            patience,
            Timeout.InfiniteTimeSpan);
        Write(process, input);
        string output;
        using (var reader = process.StandardOutput) // what is read synchronously is not the process's to close
        {
            output = Read(reader, outputMax);
        }

        process.WaitForExit();
        if (isLate)
        {
            throw SystemCalls.Refused(Errno.TimedOut, $"run {program}", $"it was not done after {patience.TotalSeconds:F0} s");
        }

        var said = errors.ToString().Trim();
        return output.Length >= outputMax
            ? throw SystemCalls.Refused(Errno.MessageSize, $"run {program}", $"it printed more than {outputMax} characters")
            : new ProgramRun(process.ExitCode, process.Id, output, said.Length > ErrorsMax ? said[^ErrorsMax..] : said);
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start) ?? throw Missing(program);
        }
        catch (Win32Exception e) when (e.NativeErrorCode == Errno.NoEntry)
        {
            throw Missing(program);
        }
        catch (Win32Exception e)
        {
            throw SystemCalls.Refused(e.NativeErrorCode, $"run {program}", e.Message);
        }
    }

    private static KernelException Missing(string program) => SystemCalls.Refused(
        Errno.NoEntry, $"run {program}", "there is no such program (any more); install the package iptables, or run netd with --firewall nftables");

    // One that refuses its input at the first line does not read the rest; those of iptables print nothing while they read.
    private static void Write(Process process, string input)
    {
        try
        {
            using var writer = process.StandardInput;
            writer.Write(input);
        }
        catch (IOException)
        {
            // Its exit code says why.
        }
    }

    private static string Read(StreamReader reader, int max)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        while (reader.Read(buffer) is > 0 and var count)
        {
            _ = text.Append(buffer, 0, Math.Min(count, max - text.Length)); // the rest is read and forgotten, so that it can end
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string? line, int max)
    {
        if (line is not null && text.Length + line.Length < max)
        {
            _ = text.Append(line).Append('\n');
        }
    }
}
