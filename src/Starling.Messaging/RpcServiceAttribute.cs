namespace Starling.Messaging;

/// <summary>Puts the names of all methods of an interface under a prefix: <c>prices/get</c>.</summary>
/// <param name="prefix">What comes before the slash.</param>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class RpcServiceAttribute(string prefix) : Attribute
{
    /// <summary>What comes before the slash.</summary>
    public string Prefix { get; } = prefix;
}
