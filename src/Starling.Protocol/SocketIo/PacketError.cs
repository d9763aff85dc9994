namespace Starling.Protocol.SocketIo;

/// <summary>What is wrong with a packet. Each ends the Engine.IO connection with the reason "parse error".</summary>
public enum PacketError
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The first character is not the digit of a packet type.</summary>
    UnknownType,

    /// <summary>The payload is not JSON, nests too deep, or is not what the type of the packet asks for.</summary>
    InvalidPayload,

    /// <summary>The count of attachments is missing, or a placeholder names an attachment that is not there.</summary>
    IllegalAttachments,

    /// <summary>More attachments were announced than the server takes.</summary>
    TooManyAttachments,

    /// <summary>Text arrived where an attachment was due.</summary>
    TextInsteadOfAttachment,

    /// <summary>A binary message arrived that no packet had announced.</summary>
    UnexpectedAttachment,
}
