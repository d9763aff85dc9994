using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Starling.Apps.Exchange.Books;

namespace Starling.Apps.Exchange.Trading;

/// <summary>A client's connection: lines in, one line out for each.</summary>
internal sealed class TradingHandler(Ledger ledger, Feed feed, FeedLocation location) : ConnectionHandler
{
    private const int MaxLineBytes = 256;

    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(10);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var session = new TradingSession(ledger, feed, location);
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        try
        {
            while (!session.HasQuit)
            {
                var read = await input.ReadAsync(connection.ConnectionClosed).AsTask().WaitAsync(IdleLimit);
                var rest = read.Buffer;
                while (!session.HasQuit && rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    await WriteAsync(output, line.Length > MaxLineBytes ? TooLong : await session.AnswerAsync(Encoding.UTF8.GetString(line).TrimEnd('\r')));
                }

                if (rest.Length > MaxLineBytes)
                {
                    // Where its end is nobody knows, so nothing after it can be understood.
                    await WriteAsync(output, TooLong);
                    return;
                }

                input.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (TimeoutException)
        {
            await WriteAsync(output, "ERROR idle Nothing was said for a long time; connect again.");
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client, or the server, went.
        }
    }

    private static string TooLong => $"ERROR too-long A line has at most {MaxLineBytes} bytes.";

    private static async ValueTask WriteAsync(System.IO.Pipelines.PipeWriter output, string answer)
    {
        output.Write(Encoding.UTF8.GetBytes(answer + "\n"));
        await output.FlushAsync();
    }
}
