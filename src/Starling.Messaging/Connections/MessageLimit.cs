using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>Keeps messages from being sent that are longer than a message may be: they would end the connection, and all that is under way on it. Immutable.</summary>
/// <param name="max">Most bytes of a message.</param>
internal sealed class MessageLimit(int max)
{
    /// <exception cref="ArgumentException">A call or notification is too long.</exception>
    public void Check(OutgoingMessage message, string method)
    {
        if (message.Bytes.Length > max)
        {
            throw TooLong(message, method);
        }
    }

    /// <exception cref="RpcException">An answer is too long.</exception>
    public void CheckResult(OutgoingMessage message, string method)
    {
        if (message.Bytes.Length > max)
        {
            throw new RpcException(RpcErrorCodes.InternalError, $"The result of {Described(message, method)}; return a stream or a sequence.");
        }
    }

    public ArgumentException TooLong(OutgoingMessage message, string method) => new($"{Described(message, method)}; pass a stream.");

    private string Described(OutgoingMessage message, string method) =>
        $"{method} takes {message.Bytes.Length} bytes, and a message has at most {max} ({nameof(MessagingOptions.MaxMessageBytes)})";
}
