using System.Buffers;
using System.Net.Sockets;

namespace Starling.Messaging.NodeIpc;

/// <summary>
/// Sends what is in a queue. The loop exists only while there is something to send; the sender that finds it ended begins it, and sends its own
/// message without a change of threads.
/// </summary>
internal sealed class LineWriter(Socket socket, LineQueue queue, Action<Exception> failed)
{
    private const int BatchesBeforeYield = 16;
    private const int KeptBytes = 256 * 1024;

    private static readonly byte[] Space = [(byte)' '];

    private ArrayBufferWriter<byte> _batch = new();

    public async Task RunAsync()
    {
        try
        {
            for (var batches = 1; queue.TryTake(_batch, out var withDescriptor); batches++)
            {
                await SendAsync(_batch.WrittenMemory);
                if (_batch.Capacity > KeptBytes)
                {
                    _batch = new ArrayBufferWriter<byte>();
                }

                _batch.ResetWrittenCount();
                if (withDescriptor is not null)
                {
                    await SendAsync(withDescriptor);
                }

                if (batches % BatchesBeforeYield == 0)
                {
                    // The sender that began the loop has waited long enough.
                    await Task.Yield();
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            failed(exception);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }

    private async ValueTask SendAsync(OutgoingLine line)
    {
        int sent;
        while ((sent = UnixDescriptors.TrySend(socket.SafeHandle, line.Bytes, [line.Descriptor!])) == 0)
        {
            // A descriptor has to go with a byte of its line, by a call that does not wait. A space before a line means nothing, and can be
            // sent by one that does.
            await SendAsync(Space);
        }

        await SendAsync(line.Bytes.AsMemory(sent));
    }
}
