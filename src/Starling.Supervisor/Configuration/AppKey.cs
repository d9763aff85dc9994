using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>A key of an application in a process file.</summary>
internal sealed record AppKey(string Name)
{
    /// <summary>Other names, besides the same one in camel case.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Adds the value to what is asked for; null for a key that PM2 knows and that has no effect here.</summary>
    public Func<AppRequest, ConfigNode, AppRequest>? Read { get; init; }

    /// <summary>Why a key has no effect, and what to do instead.</summary>
    public string NoEffect { get; init; } = "";
}
