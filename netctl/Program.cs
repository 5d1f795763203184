namespace Networking.Netctl; internal static class Program { private static int Main() => 0; }
