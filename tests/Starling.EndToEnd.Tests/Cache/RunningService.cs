using System.Globalization;

namespace Starling.EndToEnd.Tests.Cache;

/// <summary>A service as the figures show it.</summary>
internal sealed record RunningService(string Name, string Role, string State, string Runs, int Restarts)
{
    /// <summary>The process that it is; not for threads.</summary>
    public int ProcessId() => int.Parse(Runs["process ".Length..], CultureInfo.InvariantCulture);
}
