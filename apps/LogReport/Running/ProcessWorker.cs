using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Running;

/// <summary>The other end of <see cref="WorkerProcess"/>: asks for pieces, reads them, and hands in what it counted when it is told to.</summary>
internal sealed class ProcessWorker : IDisposable
{
    private readonly BinaryReader _input;
    private readonly BinaryWriter _output;
    private PieceWorker? _worker;
    private LogSource? _source;
    private string? _path;

    private ProcessWorker(Stream input, Stream output)
    {
        _input = new BinaryReader(new BufferedStream(input));
        _output = new BinaryWriter(new BufferedStream(output, 64 * 1024));
    }

    /// <summary>Works until there is nothing more to do.</summary>
    /// <param name="input">What the main process says.</param>
    /// <param name="output">What it is told.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(Stream input, Stream output)
    {
        try
        {
            using var worker = new ProcessWorker(input, output);
            worker.Run();
            return ExitCode.Done;
        }
        catch (IOException)
        {
            // The main process is gone, or was never there: nobody wants the report, and nobody reads an error but a person who started this by hand.
            return ExitCode.Failed;
        }
    }

    public void Dispose() => _source?.Dispose();

    private void Run()
    {
        _output.Write((byte)WorkerMessage.Ready);
        while (true)
        {
            _output.Flush();
            switch ((WorkerMessage)_input.ReadByte())
            {
                case WorkerMessage.Read:
                    Do(Assignment.Read(_input));
                    break;
                case WorkerMessage.HandIn:
                    _output.Write((byte)WorkerMessage.Report);
                    _output.Flush();
                    _worker!.Report.Write(_output.BaseStream);
                    _worker = null;
                    break;
                default:
                    return;
            }
        }
    }

    private void Do(Assignment assignment)
    {
        _worker ??= new PieceWorker(assignment.Settings);
        var before = _worker.Report.Lines;
        var failure = "";
        try
        {
            Read(_worker, Open(assignment), assignment);
        }
        catch (Exception exception) when (SourceException.IsOfSource(exception))
        {
            failure = SourceException.From(exception).Message;
        }

        _output.Write((byte)WorkerMessage.Finished);
        _output.Write(assignment.Id);
        _output.Write(_worker.Report.Lines - before);
        _output.Write(failure);
    }

    private static void Read(PieceWorker worker, LogSource source, Assignment assignment)
    {
        if (!assignment.IsStream)
        {
            worker.Do(new FilePiece(source, assignment.Piece, assignment.Start, assignment.End), _ => { }, CancellationToken.None);
            return;
        }

        // This thread has nothing else to do than to wait.
        var context = new RunContext([source], assignment.Settings, 1);
        var report = ThreadRun.RunAsync(context, CancellationToken.None).GetAwaiter().GetResult();

        // The main process knows a stream as one piece.
        report.Bad.Relocate(line => line with { Line = source.Lines.Before(line.Piece) + line.Line, Piece = assignment.Piece });
        worker.Report.Merge(report);
        if (context.Failures.FirstOrDefault() is { } failure)
        {
            throw new SourceException(failure.Message);
        }
    }

    // Pieces of one file follow one another.
    private LogSource Open(Assignment assignment)
    {
        if (_path != assignment.Path || assignment.IsStream)
        {
            _source?.Dispose();
            _path = null;
            _source = LogSource.Open(assignment.Source, assignment.Path, assignment.Format);
            _path = assignment.Path;
        }

        return _source!;
    }
}
