namespace Starling.Apps.LogReport.Running;

/// <summary>
/// What the main process and a worker process say to each other over the worker's standard input and output: one byte, then what belongs to it. The worker
/// speaks first, and each message is answered by one, so neither ever waits for the other to read.
/// </summary>
internal enum WorkerMessage : byte
{
    /// <summary>From the worker: there is nothing that it has not handed in. Nothing follows.</summary>
    Ready = 1,

    /// <summary>From the worker: it has read a piece and holds the counts. The piece's id, its lines, and why it was not read to its end, or nothing.</summary>
    Finished = 2,

    /// <summary>From the worker: the counts of all that it held, as <see cref="Counting.PartialReport.Write"/> writes them.</summary>
    Report = 3,

    /// <summary>To the worker: read what follows, an <see cref="Assignment"/>.</summary>
    Read = 4,

    /// <summary>To the worker: hand in what you hold. Nothing follows.</summary>
    HandIn = 5,

    /// <summary>To the worker: all is done. Nothing follows.</summary>
    End = 6,
}
