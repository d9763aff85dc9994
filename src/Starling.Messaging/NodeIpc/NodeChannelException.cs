namespace Starling.Messaging.NodeIpc;

/// <summary>A channel cannot be used, or any more: its peer broke the rules, or has left.</summary>
public sealed class NodeChannelException : IOException
{
    /// <summary>Says what is wrong.</summary>
    public NodeChannelException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong, and whence it came.</summary>
    public NodeChannelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
