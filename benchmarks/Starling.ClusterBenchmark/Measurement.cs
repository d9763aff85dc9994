namespace Starling.ClusterBenchmark;

/// <summary>One run.</summary>
/// <param name="Messages">How many were sent and received.</param>
/// <param name="Elapsed">In which time.</param>
/// <param name="Processor">Processor time of the sending process.</param>
/// <param name="Allocated">Bytes that the sending process allocated.</param>
internal sealed record Measurement(long Messages, TimeSpan Elapsed, TimeSpan Processor, long Allocated);
