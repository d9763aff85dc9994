using System.Globalization;

namespace Starling.Supervisor.Health;

/// <summary>Largest resident memory of a process and all that it started, together. Immutable.</summary>
/// <param name="bytes">The limit.</param>
public sealed class MemoryLimit(long bytes)
{
    /// <summary>Why a process is to be restarted; null when it is within the limit.</summary>
    public string? Exceeded(ProcessUsage usage) => usage.ResidentBytes > bytes
        ? $"it holds {Shown(usage.ResidentBytes)} of memory, more than its limit of {Shown(bytes)} (max_memory_restart)"
        : null;

    private static string Shown(long size) => size < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{size / 1024.0:0.#} KB")
        : string.Create(CultureInfo.InvariantCulture, $"{size / (1024.0 * 1024):0.#} MB");
}
