using System.IO.Pipelines;
using Starling.Protocol.WebSockets;
using Starling.Server.Sessions;

namespace Starling.Server.Transports.WebSockets;

/// <summary>
/// Reads what a client still sends after it was told why its connection ends. A socket that is closed with unread input is reset, and the
/// client loses the close frame. The web server's connections cannot be closed for writing only, so that the client's close frame says
/// that it has got ours.
/// </summary>
internal static class UnreadInput
{
    /// <summary>Discards input until the client's close frame, the end of the connection, or some time.</summary>
    public static async ValueTask DiscardAsync(PipeReader input, TimerWheel wheel, TimeSpan timeout)
    {
        var frames = default(FrameSkipper);
        var deadline = new WheelTimer(input.CancelPendingRead);
        wheel.Schedule(deadline, timeout);
        try
        {
            bool more;
            do
            {
                var read = await input.ReadAsync(CancellationToken.None);
                var buffer = read.Buffer;
                more = !frames.SkipToClose(ref buffer) && !read.IsCompleted && !read.IsCanceled;
                input.AdvanceTo(buffer.Start, buffer.End);
            }
            while (more);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone.
        }
        finally
        {
            wheel.Cancel(deadline);
        }
    }
}
