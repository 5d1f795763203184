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
              "defaultAddressPools": ["base=10.64.0.0/10,size=24", "base=fd99::/48,size=64"], "addressQuarantineSeconds": 0,
            }
            """);
        Assert.Empty(problems);
        Assert.Equal("/a", options.StateDirectory);
        Assert.Equal("/b", options.RunDirectory);
        Assert.Equal("ops", options.SocketGroup);
        Assert.Equal(LogFormat.Json, options.LogFormat);
        Assert.Equal(TimeSpan.FromMinutes(1), options.FullCheckEvery);
        Assert.Equal(["10.64.0.0/10 in /24", "fd99::/48 in /64"], options.DefaultAddressPools.Select(static p => p.ToString()));
        Assert.Equal(TimeSpan.Zero, options.AddressRest);
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
    [InlineData("{\"logLevel\":\"error\"},\n \"firewall\": \"none\" }", "netd.json:1: not JSON: ")]
    [InlineData("{}\n\ngarbage", "netd.json:3: not JSON: ")]
    public void What_stands_behind_the_object_is_not_passed_over(string text, string start)
    {
        var (_, problems) = Read(text);
        Assert.StartsWith(start, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_pool_is_named_with_its_line()
    {
        var (options, problems) = Read(
            """
            {
              "defaultAddressPools": [
                "base=10.0.0.0/8,size=24",
                "10.0.0.0/8",
                "base=10.0.0.0/8,size=7",
                "base=172.20.0.0/14,size=32",
                "base=10.1.0.0/16,size=24", 17,
                "base=169.254.0.0/16,size=24",
                "base=10.0.0.1/8,size=24",
                "base=172.20.0.0/14,size=24,size=25"
              ],
              "addressQuarantineSeconds": 86401
            }
            """);

        Assert.Equal(
            [
                "netd.json:4: defaultAddressPools: '10.0.0.0/8' is no address pool; write base=PREFIX,size=LENGTH, such as base=10.64.0.0/10,size=24",
                "netd.json:5: defaultAddressPools: size '7' is not a number from 8, the length of the base 10.0.0.0/8, to 31",
                "netd.json:6: defaultAddressPools: size '32' is not a number from 14, the length of the base 172.20.0.0/14, to 31",
                "netd.json:7: defaultAddressPools: base 10.1.0.0/16 overlaps the pool 10.0.0.0/8 given before",
                "netd.json:7: defaultAddressPools must be an array of text",
                "netd.json:8: defaultAddressPools: base 169.254.0.0/16 overlaps 169.254.0.0/16 (link-local), which no endpoint can be reached by",
                "netd.json:9: defaultAddressPools: base: '10.0.0.1/8' has host bits set; did you mean 10.0.0.0/8?",
                "netd.json:10: defaultAddressPools: 'base=172.20.0.0/14,size=24,size=25' is no address pool; write base=PREFIX,size=LENGTH, such as base=10.64.0.0/10,size=24",
                "netd.json:12: addressQuarantineSeconds: '86401' is not a number from 0 to 86400",
            ],
            problems);
        _ = Assert.Single(options.DefaultAddressPools);
    }

    [Theory]
    [InlineData("\"base=10.0.0.0/8,size=24\"")]
    [InlineData("{ \"base\": \"10.0.0.0/8\", \"size\": 24 }")]
    [InlineData("null")]
    [InlineData("24")]
    public void A_list_is_an_array_of_text(string value)
    {
        var (_, problems) = Read($"{{ \"defaultAddressPools\": {value}, \"logLevel\": \"debug\" }}");
        Assert.Equal(["netd.json:1: defaultAddressPools must be an array of text"], problems);
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
