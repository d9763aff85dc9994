using Starling.Apps.LogReport.Counting;
namespace Starling.Apps.LogReport.Running;
internal static class ProcessRun { public static Task<PartialReport> RunAsync(RunContext c, CancellationToken t) => throw new RunException("later"); }
