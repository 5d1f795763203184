using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>ipam why</c>: who has an address or a subnet, or what is in its way.</summary>
internal static class IpamWhyVerb
{
    public static void Define(Command command, Session session)
    {
        var address = Words.One("ADDRESS", "an address, or a subnet as address/length");
        var format = Words.Format("table");
        var quiet = Words.Flag("--quiet", "the state only: leased, reserved, resting, free, taken, warned, host or unusable", "-q");
        command.Add(address);
        command.Add(format);
        command.Add(quiet);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.GetAsync(ApiPath.IpamWhy(parse.GetRequiredValue(address)), ApiJson.Default.IpamWhyDocument, cancellation),
                "waiting for netd");
            return new Report(
                parse.IsJson(format) ? JsonText.Of(answer.Json)
                : parse.GetValue(quiet) ? Printable.Line(answer.Value.State) + "\n"
                : IpamText.Of(answer.Value));
        });
    }
}
