namespace Starling.Server.Sockets.Limits;

/// <summary>What becomes of an event.</summary>
internal enum LimitVerdict
{
    /// <summary>It is handled.</summary>
    Admitted,

    /// <summary>It is answered with an error.</summary>
    Refused,

    /// <summary>Its client has gone on for too long and is disconnected.</summary>
    Exceeded,
}
