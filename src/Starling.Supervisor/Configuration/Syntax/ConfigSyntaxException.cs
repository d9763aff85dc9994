namespace Starling.Supervisor.Configuration.Syntax;

/// <summary>A process file that cannot be read as JSON or YAML, at a place.</summary>
internal sealed class ConfigSyntaxException(string message, int line, int column) : Exception(message)
{
    public int Line => line;

    public int Column => column;
}
