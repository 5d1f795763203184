using Networking.Store.Tests;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// A child process of a test, see ChildProcess.
if (args is [CommittingChild.Argument, var directory, var durability, var count])
{
    return await CommittingChild.RunAsync(directory, durability, count);
}

return args.Any(static argument => argument is "-automated" or "@@")
    ? await ConsoleRunner.Run(args)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
