using System.ComponentModel;
using System.Diagnostics;
using Starling.Apps.LogReport.Counting;

namespace Starling.Apps.LogReport.Running;

/// <summary>
/// A worker in a process of its own: this very program, which asks for pieces on its standard output and is answered on its standard input. It ends by
/// itself when those do. A thread of its own serves it.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly PieceQueue _queue;
    private readonly Process _process;
    private readonly HeldPieces _held = new();

    private WorkerProcess(PieceQueue queue, Process process)
    {
        _queue = queue;
        _process = process;
    }

    /// <exception cref="Win32Exception">The process cannot be started.</exception>
    /// <exception cref="InvalidOperationException">It is not known where this program is.</exception>
    public static WorkerProcess Start(PieceQueue queue)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("It is not known where this program is.");
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(program, [.. self, "apps", "logreport", "--worker"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // A worker computes on one thread and allocates nearly nothing: what a server's garbage collector prepares and what profiles promise never pays.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new WorkerProcess(queue, Process.Start(start)!);
    }

    /// <summary>Serves the worker until it has ended; what it has then goes back to the queue.</summary>
    /// <param name="stopping">Kills it.</param>
    public void Serve(CancellationToken stopping)
    {
        using var killing = stopping.Register(Kill);
        try
        {
            using var output = new BinaryReader(new BufferedStream(_process.StandardOutput.BaseStream, 64 * 1024));
            using var input = new BinaryWriter(new BufferedStream(_process.StandardInput.BaseStream));
            while (Answer(output, input))
            {
                input.Flush();
            }

            input.Flush();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or FormatException)
        {
            // It has ended, or is none of ours; what it has not handed in whole counts for nothing.
            Kill();
        }

        _queue.Return(_held);
        if (!_process.WaitForExit(Patience))
        {
            Kill();
            _process.WaitForExit();
        }
    }

    public void Dispose() => _process.Dispose();

    /// <returns>Whether there is more to do.</returns>
    private bool Answer(BinaryReader output, BinaryWriter input)
    {
        switch ((WorkerMessage)output.ReadByte())
        {
            case WorkerMessage.Ready:
                break;
            case WorkerMessage.Finished when output.ReadInt32() == _held.Current?.Id:
                _queue.Finish(_held, output.ReadInt64(), output.ReadString());
                break;
            case WorkerMessage.Report:
                _queue.Complete(_held, PartialReport.Read(output.BaseStream));
                break;
            case var unknown:
                throw new InvalidDataException($"A worker says {unknown}.");
        }

        var next = _queue.Next(_held);
        input.Write((byte)next);
        if (next == WorkerMessage.Read)
        {
            _held.Current!.Write(input);
        }

        return next != WorkerMessage.End;
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }
}
