using System.Globalization;
using Networking.Daemon.Tests.Staging;

namespace Networking.Durability.Tests;

/// <summary>When a daemon dies that has started a program.</summary>
internal enum Moment
{
    /// <summary>Before the program does anything; it dies too.</summary>
    Before,

    /// <summary>When it has done everything, and its end is not known yet.</summary>
    After,

    /// <summary>Before it does anything; it lives on, and does it when another daemon has long been at work.</summary>
    Late,
}

/// <summary>
/// The restoring programs of iptables, first on the daemon's PATH: the real ones, behind a script that keeps what they are fed and
/// kills the daemon at the run that is asked for. So death comes where the daemon itself has no point: between two families,
/// and while a program runs.
/// </summary>
internal sealed class IptablesPrograms
{
    private readonly string _folder;

    private IptablesPrograms(string folder) => _folder = folder;

    /// <summary>What was fed since the daemon was started, one line a run: the program and its text.</summary>
    public IReadOnlyList<string> Runs => File.Exists($"{_folder}/runs") ? File.ReadAllLines($"{_folder}/runs") : [];

    /// <summary>The programs for a daemon that is about to start, with nothing planned and nothing kept.</summary>
    public static IptablesPrograms In(string folder)
    {
        _ = HostBackend.PathIn(folder);
        var programs = $"{folder}/programs-{HostBackend.Variant}";
        foreach (var family in new[] { "iptables", "ip6tables" })
        {
            Write($"{programs}/{family}-restore", folder, family);
        }

        foreach (var file in new[] { "runs", "die-at", "go" })
        {
            File.Delete($"{folder}/{file}");
        }

        return new IptablesPrograms(folder);
    }

    /// <summary>Rules of somebody else in every table that ours may be in, so that the kernel's own chains are there before and after.</summary>
    public static void PutRulesOfOthers(string hostPath)
    {
        foreach (var family in HostBackend.IsIptables ? new[] { "iptables", "ip6tables" } : [])
        {
            var address = family == "iptables" ? "192.0.2.9" : "2001:db8::9";
            foreach (var rule in new[] { $"-t filter -A FORWARD -s {address} -j ACCEPT", $"-t nat -A POSTROUTING -s {address} -j ACCEPT" })
            {
                _ = Tool.Run("nsenter", [$"--net={hostPath}", $"{family}-{HostBackend.Variant}", "--wait", .. rule.Split(' ')]);
            }
        }
    }

    /// <summary>From now on the daemon dies at a run, counted from 1.</summary>
    public void DieAt(int run, Moment moment) =>
        File.WriteAllText($"{_folder}/die-at", string.Create(CultureInfo.InvariantCulture, $"{run} {moment}\n"));

    /// <summary>True if it died while a program lives on.</summary>
    public bool IsLate => File.Exists($"{_folder}/late");

    /// <summary>Lets a program that outlived its daemon go on, and waits for its end.</summary>
    public async Task GoOnAsync(Func<Func<Task<bool>>, string, Task> wait)
    {
        await File.WriteAllTextAsync($"{_folder}/go", string.Empty);
        await wait(() => Task.FromResult(!IsLate), "the program that was left over does not end");
    }

    private static void Write(string path, string folder, string family)
    {
        File.Delete(path);
        File.WriteAllText(
            path,
            $$"""
            #!/bin/sh
            real=/usr/sbin/{{family}}-{{HostBackend.Variant}}-restore
            [ "$1" = --noflush ] || exec $real "$@"
            cat >{{folder}}/text
            printf '%s %s\n' {{family}} "$(tr '\n' '|' <{{folder}}/text)" >>{{folder}}/runs
            if ! { read -r at when <{{folder}}/die-at; } 2>/dev/null || [ "$(wc -l <{{folder}}/runs)" -ne "$at" ]; then
                exec $real "$@" <{{folder}}/text # by the number that the daemon knows it by
            fi
            case $when in
                Before) kill -9 $PPID ;;
                After) $real "$@" <{{folder}}/text; kill -9 $PPID ;;
                Late)
                    mv {{folder}}/text {{folder}}/late
                    kill -9 $PPID
                    for i in $(seq 600); do [ -e {{folder}}/go ] && break; sleep 0.1; done
                    $real "$@" <{{folder}}/late >/dev/null 2>&1
                    rm -f {{folder}}/late ;;
            esac

            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
