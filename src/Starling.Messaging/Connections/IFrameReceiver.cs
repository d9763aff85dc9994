using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>Gets the frames of one connection.</summary>
internal interface IFrameReceiver
{
    /// <summary>Takes one frame; its body is valid only until this returns.</summary>
    void OnFrame(in Frame frame);

    /// <summary>Does what the frames since the last time have asked for.</summary>
    /// <remarks>Runs when the next bytes are already waited for on another thread, so it may take its time.</remarks>
    void OnBatch();

    /// <summary>No further frame comes; what the last ones have asked for is done here.</summary>
    /// <param name="reason">Why, or null when the peer closed in order.</param>
    void OnEnd(Exception? reason);
}
