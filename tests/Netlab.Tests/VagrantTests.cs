using System.Diagnostics;
using Networking.Netlab.Providers;

namespace Networking.Netlab.Tests;

/// <summary>What goes to machines of Vagrant's, and what comes from Vagrant.</summary>
public sealed class VagrantTests
{
    [Fact]
    public void Settings_for_ssh_are_taken_without_remarks_about_the_file() => Assert.Equal(
        "Host h1\n  HostName 192.168.121.33\n  User vagrant\nHost h2\n  HostName 192.168.121.58\n",
        VagrantProvider.SshConfig(
            """
            ==> h1: You assigned a static IP ending in ".1" to this machine.
            Host h1
              HostName 192.168.121.33
              User vagrant

            Host h2
              HostName 192.168.121.58

            """));

    // The machine's shell gets one line; what the script has in quotes must arrive in them.
    [Fact]
    public void A_script_arrives_as_it_was_written_whatever_is_quoted_in_it()
    {
        var command = VagrantHost.Command("printf '%s,' \"it's\" 'a \"b\"' '$HOME'\necho \"$HOME\"");
        var start = new ProcessStartInfo("sh", ["-c", command.Replace("sudo -n ", string.Empty, StringComparison.Ordinal)]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var shell = Process.Start(start)!; // it is there on every machine that runs tests
        Assert.Equal("it's,a \"b\",$HOME,/root\n", shell.StandardOutput.ReadToEnd());
        shell.WaitForExit();
    }
}
