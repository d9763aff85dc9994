namespace Starling.Protocol.JsonRpc;

/// <summary>Why a stream of frames cannot be read on.</summary>
public enum FrameError
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The header does not end within its limit.</summary>
    HeaderTooLong,

    /// <summary>A line of the header is not <c>Name: value</c>.</summary>
    MalformedHeader,

    /// <summary>There is no <c>Content-Length</c>.</summary>
    LengthMissing,

    /// <summary><c>Content-Length</c> is not a number, or is given twice.</summary>
    LengthInvalid,

    /// <summary>The body is longer than its limit.</summary>
    BodyTooLong,

    /// <summary>The text is in another encoding than UTF-8.</summary>
    CharsetUnsupported,
}
