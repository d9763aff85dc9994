using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>A value that its key does not allow; the message is what is allowed: <c>a whole number, 0 or more</c>.</summary>
internal sealed class ConfigValueException(string expected, ConfigNode node, string? part = null) : Exception(expected)
{
    public ConfigNode Node => node;

    public string Text(string key) => $"{key}{part} is {node.Shown()}, but has to be {Message}";
}
