using System.Buffers;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Workers;

/// <summary>Carries what a process writes into its log, for as long as anybody holds the other end.</summary>
internal static class OutputPump
{
    private const int ChunkBytes = 32 * 1024;

    public static async Task RunAsync(Stream output, WorkerLog log, LogStream stream, ILogger logger)
    {
        var hasFailed = false;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (await output.ReadAsync(buffer) is > 0 and var count)
            {
                try
                {
                    log.Write(stream, buffer.AsSpan(0, count));
                    await log.RoomAsync(stream);
                }
                catch (Exception exception) when (!hasFailed)
                {
                    // Lines may be lost; a process that blocks at a full pipe would be worse.
                    hasFailed = true;
                    logger.BackgroundFailed("A log", exception.Message, exception);
                }
                catch (Exception)
                {
                    // Logged once.
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The stream was closed here, since the process ended and a descendant of it goes on writing.
        }

        log.End(stream);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
