using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Outcome = Starling.Server.Transports.PollingTransport.Outcome;

namespace Starling.Server.Transports;

/// <summary>Reads the body of a POST and takes its packets apart.</summary>
internal static class PollingRequest
{
    public static async Task<Outcome> ReadAsync(HttpContext context, PollingFormat format, int maxPayload, Func<Packet, ValueTask> receive)
    {
        var isBinary = context.Request.ContentType?.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase) == true;
        if (isBinary && format == PollingFormat.Version4)
        {
            return Outcome.WrongContentType;
        }

        if (context.Request.ContentLength > maxPayload)
        {
            return Outcome.TooLarge;
        }

        using var body = new PooledBuffer();
        if (await ReadBodyAsync(context, body, maxPayload) is var outcome && outcome != Outcome.Done)
        {
            return outcome;
        }

        // What came in is passed on as it is. A WebSocket must not carry text that is no UTF-8: whoever gets such a frame closes the
        // connection, so that one client could end those of all others.
        if (!isBinary && !Utf8.IsValid(body.Written))
        {
            return Outcome.Malformed;
        }

        return format == PollingFormat.Version4
            ? await ReadPayloadAsync(body.WrittenMemory, receive)
            : await Version3.ReadPayloadAsync(body.WrittenMemory, isBinary, receive);
    }

    private static async ValueTask<Outcome> ReadBodyAsync(HttpContext context, PooledBuffer body, int maxPayload)
    {
        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(context.RequestAborted);
                if (body.Length + result.Buffer.Length > maxPayload)
                {
                    reader.AdvanceTo(result.Buffer.End);
                    return Outcome.TooLarge;
                }

                foreach (var segment in result.Buffer)
                {
                    body.Write(segment.Span);
                }

                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return Outcome.Done;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return Outcome.Aborted;
        }
    }

    private static async ValueTask<Outcome> ReadPayloadAsync(ReadOnlyMemory<byte> payload, Func<Packet, ValueTask> receive)
    {
        using var scratch = new PooledBuffer();
        bool more;
        do
        {
            more = PacketReader.SplitPayload(payload, out var text, out payload);
            if (!PacketReader.TryReadText(text, scratch, out var packet))
            {
                return Outcome.Malformed;
            }

            await receive(packet);
        }
        while (more);
        return Outcome.Done;
    }
}
