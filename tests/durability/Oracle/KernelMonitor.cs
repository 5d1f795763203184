using System.Collections.Concurrent;
using System.Diagnostics;

namespace Networking.Durability.Tests;

/// <summary>
/// <c>ip monitor</c> and <c>nft monitor</c> in namespaces: every change that anybody makes is a line. Neighbour entries
/// are left out: traffic makes and ages them.
/// </summary>
internal sealed class KernelMonitor : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly ConcurrentQueue<string> _lines = new();

    public KernelMonitor(IEnumerable<string> namespaces)
    {
        foreach (var ns in namespaces)
        {
            foreach (var command in new[] { new[] { "ip", "monitor", "link", "address", "route", "rule", "nexthop" }, ["nft", "monitor"] })
            {
                var process = Tool.Start("nsenter", [$"--net={ns}", .. command]);
                process.OutputDataReceived += (_, line) =>
                {
                    if (line.Data is { Length: > 0 } text)
                    {
                        _lines.Enqueue($"{Path.GetFileName(ns)} {command[0]}: {text}");
                    }
                };
                process.BeginOutputReadLine();
                process.BeginErrorReadLine();
                _processes.Add(process);
            }
        }
    }

    public IReadOnlyCollection<string> Lines => [.. _lines];

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
