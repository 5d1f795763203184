namespace Networking.Netctl;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var terminal = Terminal.OfProcess();
        using var signals = new Signals();
        var session = new Session(terminal, TimeProvider.System, Environment.GetEnvironmentVariable, signals);
        return await CommandLine.RunAsync([.. args], session);
    }
}
