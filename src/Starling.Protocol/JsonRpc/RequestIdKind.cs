namespace Starling.Protocol.JsonRpc;

/// <summary>What a <see cref="RequestId"/> holds.</summary>
public enum RequestIdKind : byte
{
    /// <summary>There is no id: the message is a notification.</summary>
    Absent,

    /// <summary>The id is <c>null</c>: an answer to a request whose id could not be read.</summary>
    Null,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A number with a fraction, or beyond 64 bits: kept as it was written.</summary>
    RawNumber,
}
