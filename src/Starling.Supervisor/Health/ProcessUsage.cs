using System.Globalization;

namespace Starling.Supervisor.Health;

internal readonly record struct ProcessUsage(long ResidentBytes, TimeSpan CpuTime)
{
    public static ProcessUsage? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcessUsage(
                long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize,
                TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
