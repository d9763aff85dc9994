namespace Starling.Server.Channels.History;

/// <summary>A name for the time between two starts of the machine.</summary>
internal static class BootId
{
    private const string Source = "/proc/sys/kernel/random/boot_id";

    /// <summary>The name; empty where the system has none, upon which every unclean end counts as one of the machine.</summary>
    public static string Current { get; } = Read();

    private static string Read()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllText(Source).Trim() : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
