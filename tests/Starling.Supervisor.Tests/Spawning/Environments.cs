namespace Starling.Supervisor.Tests.Spawning;

/// <summary>Environments of running processes.</summary>
internal static class Environments
{
    /// <summary>The variables that a process was started with; nothing when it has ended, or has not begun.</summary>
    public static Dictionary<string, string> Of(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/environ").Split('\0').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
