namespace Starling.Protocol.JsonRpc;

/// <summary>The peer sent bytes that are no frames; where the next frame begins cannot be known, so the connection must end.</summary>
/// <param name="error">What is wrong.</param>
/// <param name="message">The same in words.</param>
public sealed class FrameException(FrameError error, string message) : IOException(message)
{
    /// <summary>What is wrong.</summary>
    public FrameError Error { get; } = error;
}
