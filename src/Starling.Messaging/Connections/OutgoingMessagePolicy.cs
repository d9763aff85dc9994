using Microsoft.Extensions.ObjectPool;

namespace Starling.Messaging.Connections;

/// <summary>How messages are pooled.</summary>
internal sealed class OutgoingMessagePolicy : PooledObjectPolicy<OutgoingMessage>
{
    public override OutgoingMessage Create() => new();

    public override bool Return(OutgoingMessage obj)
    {
        obj.Reset();
        return true;
    }
}
