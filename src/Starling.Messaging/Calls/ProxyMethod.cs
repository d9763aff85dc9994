namespace Starling.Messaging.Calls;

/// <summary>What a proxy does when one of its methods is called.</summary>
internal abstract class ProxyMethod
{
    /// <returns>What the method returns.</returns>
    public abstract object? Call(RpcPeer peer, object?[] arguments, TimeSpan timeout);
}
