namespace Starling.Apps.LogReport.Running;
internal static class ProcessWorker { public static Task<int> RunAsync(string c, CancellationToken t) => throw new RunException("later"); }
