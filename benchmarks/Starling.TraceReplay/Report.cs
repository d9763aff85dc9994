using System.Globalization;

namespace Starling.TraceReplay;

/// <summary>One line for each part of a trace: nanoseconds per operation, and how often ours is done while the peer does one.</summary>
internal static class Report
{
    public static void WriteHeader(TextWriter output) => output.WriteLine(
        $"{"trace",-22}{"part",-11}{"operations",12}{"ours ns",10}{"peer ns",10}{"ratio",8}{"last/first tenth",18}{"peer's",8}");

    public static void Write(TextWriter output, string name, ReplayResult ours, ReplayResult? peer)
    {
        if (ours.Apply is { } apply)
        {
            Line(output, name, "apply", ours.Operations, apply.Sum(), peer?.Apply?.Sum(), Growth(apply), Growth(peer?.Apply));
        }

        if (ours.Compose is { } compose)
        {
            Line(output, name, "compose", ours.Operations, compose, peer?.Compose, "", "");
        }

        if (ours.Transform is { } transform)
        {
            Line(output, name, "transform", ours.Operations, transform, peer?.Transform, "", "");
        }
    }

    private static void Line(
        TextWriter output, string name, string part, long operations, double ours, double? peer, string growth, string peerGrowth) => output.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-22}{part,-11}{operations,12:N0}{ours / operations * 1e9,10:F0}{peer / operations * 1e9,10:F0}{peer / ours,8:F1}{growth,18}{peerGrowth,8}"));

    // The very first tenth is the warm-up's.
    private static string Growth(double[]? tenths) =>
        tenths is null ? "" : (tenths[^1] / tenths[1]).ToString("F1", CultureInfo.InvariantCulture);
}
