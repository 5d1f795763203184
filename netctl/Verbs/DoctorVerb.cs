using System.CommandLine;
using Networking.Model.Api;
using Networking.Netctl.Client;
using Networking.Netctl.Output;

namespace Networking.Netctl.Verbs;

/// <summary><c>doctor</c>: checks of the host; exits with 1 if one failed.</summary>
internal static class DoctorVerb
{
    public static void Define(Command command, Session session)
    {
        var format = Words.Format("table");
        command.Add(format);
        session.SetAction(command, async (parse, cancellation) =>
        {
            using var daemon = session.Connect(parse);
            var answer = await session.WaitAsync(
                daemon.GetAsync(ApiPath.Doctor, ApiJson.Default.DoctorDocument, cancellation), "examining the host");
            return parse.IsJson(format)
                ? new Report(JsonText.Of(answer.Json), Exit: DoctorText.ExitOf(answer.Value))
                : DoctorText.Of(answer.Value, session.Style);
        });
    }
}
