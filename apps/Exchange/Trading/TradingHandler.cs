using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Starling.Apps.Exchange.Books;

namespace Starling.Apps.Exchange.Trading;

/// <summary>Clients' connections: lines in, one line out for each. One handler serves all.</summary>
internal sealed class TradingHandler(Ledger ledger, Feed feed, FeedLocation location, ExchangeOptions options) : ConnectionHandler
{
    private const int MaxLineBytes = 256;

    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(30);

    private readonly ILogger _log = options.LoggerFactory.CreateLogger<TradingHandler>();
    private int _connections;
    private bool _isFull;

    private static string TooLong => $"ERROR too-long A line has at most {MaxLineBytes} bytes.";

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        try
        {
            if (Interlocked.Increment(ref _connections) <= options.MaxConnections)
            {
                await ServeAsync(connection);
            }
            else
            {
                await RefuseAsync(connection);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client, or the server, went.
        }
        finally
        {
            if (Interlocked.Decrement(ref _connections) < options.MaxConnections / 2)
            {
                Volatile.Write(ref _isFull, false);
            }
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var session = new TradingSession(ledger, feed, location);
        var input = connection.Transport.Input;
        while (true)
        {
            ReadResult read;
            try
            {
                // A client may end its side and wait for the answers, so that the end of what it says is none of the connection.
                read = await input.ReadAsync().AsTask().WaitAsync(IdleLimit, options.TimeProvider);
            }
            catch (TimeoutException)
            {
                await WriteAsync(connection, "ERROR idle Nothing was said for a long time; connect again.");
                return;
            }

            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var line = rest.Slice(0, end);
                rest = rest.Slice(rest.GetPosition(1, end));
                if (line.Length > MaxLineBytes)
                {
                    await WriteAsync(connection, TooLong);
                    return;
                }

                if (!await WriteAsync(connection, await session.AnswerAsync(Text(line))) || session.HasQuit)
                {
                    return;
                }
            }

            if (rest.Length > MaxLineBytes)
            {
                // Where its end is nobody knows, so nothing after it can be understood.
                await WriteAsync(connection, TooLong);
                return;
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private async Task RefuseAsync(ConnectionContext connection)
    {
        if (!Interlocked.Exchange(ref _isFull, true))
        {
            ExchangeLog.Full(_log, options.MaxConnections);
        }

        await WriteAsync(connection, "ERROR full Too many clients are connected; try again later.");
    }

    private static string Text(ReadOnlySequence<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        return text.EndsWith('\r') ? text[..^1] : text;
    }

    /// <returns>Whether the client still hears: what it said after that is not carried out when it has gone.</returns>
    private async ValueTask<bool> WriteAsync(ConnectionContext connection, string answer)
    {
        connection.Transport.Output.Write(Encoding.UTF8.GetBytes(answer + "\n"));
        try
        {
            var flush = connection.Transport.Output.FlushAsync();
            var result = flush.IsCompletedSuccessfully ? flush.Result : await flush.AsTask().WaitAsync(WriteLimit, options.TimeProvider);
            return !result.IsCompleted;
        }
        catch (TimeoutException)
        {
            ExchangeLog.AnswersNotRead(_log, connection.RemoteEndPoint, WriteLimit);
            connection.Abort(new ConnectionAbortedException("The client does not read its answers."));
            return false;
        }
    }
}
