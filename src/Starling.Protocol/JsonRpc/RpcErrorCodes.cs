namespace Starling.Protocol.JsonRpc;

/// <summary>
/// Codes of errors on the wire. JSON-RPC 2.0, section 5.1, reserves -32768 to -32000; applications take any other.
/// </summary>
public static class RpcErrorCodes
{
    /// <summary>The text is not JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>The JSON is not a message.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>There is no such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>The parameters do not fit the method.</summary>
    public const int InvalidParams = -32602;

    /// <summary>The method failed.</summary>
    public const int InternalError = -32603;

    /// <summary>The caller cancelled the request. The number is that of the Language Server Protocol.</summary>
    public const int RequestCancelled = -32800;

    /// <summary>The sequence or stream that a token names is not, or no longer, there.</summary>
    public const int NoSuchToken = -32001;

    /// <summary>Too many requests are waiting; this one was not begun and may be sent again later.</summary>
    public const int ServerBusy = -32002;

    /// <summary>Another peer that is alive is registered under this name.</summary>
    public const int NameTaken = -32003;

    /// <summary>The server is closing and begins no more requests.</summary>
    public const int Closing = -32004;
}
