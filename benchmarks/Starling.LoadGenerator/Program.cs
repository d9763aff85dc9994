using System.Runtime.InteropServices;
using Starling.LoadGenerator;

// The generator talks to the kernel directly (epoll, /proc) and knows the layouts of this one platform.
if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
{
    Console.Error.WriteLine("error: the load generator runs on Linux on x86-64 only.");
    return 2;
}

return await new CommandLine().Build().Parse(args).InvokeAsync();
