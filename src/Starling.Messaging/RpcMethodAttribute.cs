namespace Starling.Messaging;

/// <summary>Sets how a method of a service's interface is called on the wire.</summary>
/// <param name="name">
/// Name on the wire. Without the attribute it is the method's own, without "Async" and beginning with a small letter.
/// </param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RpcMethodAttribute(string? name = null) : Attribute
{
    /// <summary>Name on the wire, or null for the usual one.</summary>
    public string? Name { get; } = name;

    /// <summary>Whether calls are notifications: sent without waiting for an answer. A method that returns <c>void</c> always is one.</summary>
    public bool IsNotification { get; init; }
}
