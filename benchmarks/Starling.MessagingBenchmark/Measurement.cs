namespace Starling.MessagingBenchmark;

/// <summary>What one round has found.</summary>
/// <param name="Rate">Round trips in a second.</param>
/// <param name="Median">Half of them took no longer, in microseconds.</param>
/// <param name="P99">99 of 100 took no longer, in microseconds.</param>
/// <param name="Cpu">Processor time of a round trip, of both sides together, in microseconds.</param>
internal sealed record Measurement(double Rate, double Median, double P99, double Cpu);
