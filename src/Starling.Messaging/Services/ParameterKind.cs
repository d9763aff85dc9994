namespace Starling.Messaging.Services;

/// <summary>Where a handler's argument comes from.</summary>
internal enum ParameterKind
{
    /// <summary>From the message.</summary>
    Payload,

    /// <summary>The call's cancellation.</summary>
    CancellationToken,

    /// <summary>The connection that the call came over.</summary>
    Connection,
}
