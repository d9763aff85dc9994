using Microsoft.Win32.SafeHandles;

namespace Starling.Supervisor.Logs;

/// <summary>Files that this process has open, on Linux.</summary>
internal static class OpenFiles
{
    /// <summary>The path at which an open file is now, with a remark when it has none any more; null when the system does not say.</summary>
    public static string? PathOf(SafeFileHandle file)
    {
        try
        {
            return OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
