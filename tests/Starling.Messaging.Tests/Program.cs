using Starling.Messaging.Tests;
using Starling.Messaging.Tests.NodeIpc;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The tests, or the child that some of them start.
return Environment.GetEnvironmentVariable(ChannelPeer.Variable) is not null ? await ChannelPeer.RunAsync()
    : args.Any(static argument => argument is "-automated" or "@@") ? await ConsoleRunner.Run(args)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
