using System.Text.Json;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging;

/// <summary>
/// The peer answered a call with an error. A handler throws it to choose the code, the message and the data that its caller gets.
/// </summary>
public class RpcException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="code">A code of <see cref="RpcErrorCodes"/>, or any of the application's own outside -32768 to -32000.</param>
    /// <param name="message">One sentence.</param>
    /// <param name="innerException">What led to it; never sent.</param>
    public RpcException(int code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>Number of the error.</summary>
    public int Code { get; }

    /// <summary>Further details as JSON, or null.</summary>
    public JsonElement? ErrorData { get; init; }
}
