using System.Globalization;

namespace Starling.Supervisor.Workers;

/// <summary>Number of workers, as it is typed: <c>4</c>, <c>+2</c>, <c>-1</c>.</summary>
internal static class ScaleCount
{
    private const int Max = 1000;

    /// <exception cref="SupervisorException">It is no number, or too large.</exception>
    public static int Apply(string count, int present)
    {
        if (!int.TryParse(count, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw new SupervisorException($"'{count}' is no number of processes: write 4, +2 or -1.");
        }

        var wanted = count[0] is '+' or '-' ? present + number : number;
        return wanted is >= 0 and <= Max ? wanted : throw new SupervisorException($"{wanted} processes are not possible: choose 0 to {Max}.");
    }
}
