using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;
using Starling.Messaging;

namespace Starling.Apps.LogReport.Running;

/// <summary>The other end of <see cref="ProcessRun"/>: asks for a piece, reads it, hands in the report, until there are no more.</summary>
internal static class ProcessWorker
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    public static async Task<int> RunAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            await using var client = await RpcClient.ConnectAsync(address, null, new MessagingOptions { Reconnect = false }, cancellationToken);
            var desk = client.GetService<IPieceDesk>(LongestWait);
            while (await desk.NextAsync(cancellationToken) is { } assignment)
            {
                await DoAsync(desk, assignment, cancellationToken);
            }

            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (exception is ConnectionLostException or IOException or FormatException)
        {
            // The main process is gone, or was never there: nobody wants the report, and nobody reads an error but a person who started this by hand.
            return ExitCode.Failed;
        }
    }

    private static async Task DoAsync(IPieceDesk desk, Assignment assignment, CancellationToken cancellationToken)
    {
        var report = new PartialReport();
        string? failure = null;
        try
        {
            using var source = LogSource.Open(assignment.Source, assignment.Path, assignment.Format);
            var context = new RunContext([source], assignment.Settings, 1);
            report = await (assignment.IsStream
                ? ThreadRun.RunAsync(context, cancellationToken)
                : Task.Factory.StartNew(() => Read(context, source, assignment, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            failure = context.Failures.FirstOrDefault()?.Message;

            // The main process knows pieces of files, and a stream as one piece.
            report.Bad.Relocate(line => line with { Line = source.Lines.Before(line.Piece) + line.Line, Piece = assignment.Piece });
        }
        catch (SourceException exception)
        {
            failure = exception.Message;
        }

        using var written = new MemoryStream();
        report.Write(written);
        written.Position = 0;
        await desk.CompleteAsync(assignment.Id, report.Lines, failure, written, cancellationToken);
    }

    private static PartialReport Read(RunContext context, LogSource source, Assignment assignment, CancellationToken cancellationToken)
    {
        var worker = new PieceWorker(assignment.Settings);
        try
        {
            worker.Do(new FilePiece(source, 0, assignment.Start, assignment.End), context.Read, cancellationToken);
        }
        catch (Exception exception) when (SourceException.IsOfSource(exception))
        {
            context.Fail(source, exception);
        }

        return worker.Report;
    }
}
