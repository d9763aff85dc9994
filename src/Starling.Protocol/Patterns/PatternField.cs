namespace Starling.Protocol.Patterns;

/// <summary>The components of a URL pattern in their order, and the states between them of the parser of pattern strings.</summary>
internal enum PatternField
{
    Init,
    Protocol,
    Authority,
    UserName,
    Password,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
    Done,
}
