using Microsoft.Win32.SafeHandles;

namespace Starling.Messaging.NodeIpc;

/// <summary>A line that waits to be sent, and the descriptor that goes with it, which it owns.</summary>
internal sealed class OutgoingLine(byte[] bytes, SafeFileHandle? descriptor) : IDisposable
{
    public byte[] Bytes => bytes;

    public SafeFileHandle? Descriptor => descriptor;

    /// <summary>How often the peer said that the descriptor did not come.</summary>
    public int Refusals { get; set; }

    /// <summary>Set while the sender waits for room in the queue.</summary>
    public TaskCompletionSource? Room { get; set; }

    public void Dispose() => descriptor?.Dispose();
}
