namespace Starling.Protocol.MessagePack;

/// <summary>Bytes are not MessagePack, are cut short, nest too deep, or hold a type that JSON has no counterpart for.</summary>
public sealed class MessagePackException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    public MessagePackException(string message)
        : base(message)
    {
    }
}
