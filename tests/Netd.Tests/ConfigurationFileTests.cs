using System.Text;
using Networking.Netd.Configuration;

namespace Networking.Netd.Tests;

public sealed class ConfigurationFileTests
{
    [Fact]
    public void Every_setting_can_be_given()
    {
        var (options, problems) = Read(
            """
            {
              // where things are
              "stateDirectory": "/a", "runDirectory": "/b", "socketGroup": "ops",
              "logLevel": "debug", "logFormat": "json", "fullCheckSeconds": 60,
            }
            """);
        Assert.Empty(problems);
        Assert.Equal("/a", options.StateDirectory);
        Assert.Equal("/b", options.RunDirectory);
        Assert.Equal("ops", options.SocketGroup);
        Assert.Equal(LogFormat.Json, options.LogFormat);
        Assert.Equal(TimeSpan.FromMinutes(1), options.FullCheckEvery);
    }

    [Fact]
    public void Every_mistake_is_named_at_once_with_file_line_and_key()
    {
        var (_, problems) = Read(
            """
            {
              "stateDir": "/a",
              "runDirectory": "relative",
              "logLevel": ["debug"],
              "fullCheckSeconds": 5,
              "fullCheckSeconds": 50
            }
            """);
        Assert.Equal(5, problems.Count);
        Assert.StartsWith("netd.json:2: unknown key 'stateDir'; known are ", problems[0], StringComparison.Ordinal);
        Assert.Equal("netd.json:3: runDirectory: 'relative' is not an absolute path", problems[1]);
        Assert.Equal("netd.json:4: logLevel must be text, a number or true or false, not a list or object", problems[2]);
        Assert.Equal("netd.json:5: fullCheckSeconds: '5' is not a number from 10 to 86400", problems[3]);
        Assert.Equal("netd.json:6: key 'fullCheckSeconds' is given twice", problems[4]);
    }

    [Theory]
    [InlineData("{ \"logLevel\": ")]
    [InlineData("[]")]
    [InlineData("{ logLevel: 1 }")]
    public void What_is_not_a_JSON_object_is_refused_with_its_line(string text)
    {
        var (_, problems) = Read(text);
        Assert.StartsWith("netd.json:1: ", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("{}")]
    public void An_empty_file_configures_nothing(string text)
    {
        var (options, problems) = Read(text);
        Assert.Empty(problems);
        Assert.Equal(new DaemonOptions(), options);
    }

    private static (DaemonOptions Options, List<string> Problems) Read(string text)
    {
        var problems = new List<string>();
        return (ConfigurationFile.Read("netd.json", Encoding.UTF8.GetBytes(text), new DaemonOptions(), problems), problems);
    }
}
