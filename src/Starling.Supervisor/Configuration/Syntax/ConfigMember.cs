namespace Starling.Supervisor.Configuration.Syntax;

/// <summary>A key of an object with its value; the position is that of the key.</summary>
internal sealed record ConfigMember(string Key, ConfigNode Value, int Line, int Column);
