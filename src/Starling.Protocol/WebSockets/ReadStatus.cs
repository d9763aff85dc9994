namespace Starling.Protocol.WebSockets;

/// <summary>What came of a read.</summary>
public enum ReadStatus
{
    /// <summary>A message or control frame was read.</summary>
    Message,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>A message was too long; its beginning was read and the rest thrown away.</summary>
    Oversized,

    /// <summary>The peer broke the protocol; close with <see cref="MessageReader.Error"/>.</summary>
    Invalid,
}
