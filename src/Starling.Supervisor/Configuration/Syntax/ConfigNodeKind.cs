namespace Starling.Supervisor.Configuration.Syntax;

internal enum ConfigNodeKind
{
    Null,
    Flag,
    Number,
    Text,
    List,
    Object,
}
