using System.Globalization;

namespace Starling.LoadGenerator.Reports;

/// <summary>A report as a table for people.</summary>
internal static class TextReport
{
    public static void Write(Report report, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"server: {report.Server}");
        if (report.Peer is not null)
        {
            output.WriteLine($"peer:   {report.Peer}");
        }

        output.WriteLine($"Medians of {report.Rounds.Max(round => round.Number)} rounds; ratio = server / peer.");
        foreach (var scenario in report.Summary.GroupBy(line => line.Scenario))
        {
            output.WriteLine();
            output.WriteLine($"{scenario.Key,-28}{string.Empty,-14}{"server",14}{"peer",14}{"ratio",10}");
            foreach (var line in scenario)
            {
                output.WriteLine($"{line.Metric,-28}{line.Unit,-14}{Number(line.Server),14}{Number(line.Peer),14}{Number(line.Ratio),10}");
            }
        }

        foreach (var round in report.Rounds)
        {
            foreach (var warning in round.Result.Warnings)
            {
                output.WriteLine();
                output.WriteLine($"warning ({round.Scenario}, {round.Side}, round {round.Number}): {warning}");
            }
        }
    }

    public static string Number(double? value) => value switch
    {
        null => "-",
        >= 1000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F3", CultureInfo.InvariantCulture),
    };
}
