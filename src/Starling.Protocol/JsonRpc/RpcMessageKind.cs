namespace Starling.Protocol.JsonRpc;

/// <summary>What a message is.</summary>
public enum RpcMessageKind
{
    /// <summary>None of the others: not a message of JSON-RPC 2.0.</summary>
    Invalid,

    /// <summary>Asks for an answer.</summary>
    Request,

    /// <summary>Asks for none.</summary>
    Notification,

    /// <summary>Answers a request with its result.</summary>
    Result,

    /// <summary>Answers a request with an error.</summary>
    Error,
}
