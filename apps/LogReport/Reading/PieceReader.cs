namespace Starling.Apps.LogReport.Reading;

/// <summary>Reads pieces of plain files through one buffer that stays in the processor's cache. One thread uses a reader.</summary>
internal sealed class PieceReader
{
    private const int BufferBytes = 256 * 1024;
    private const int TailStep = 4096;
    private readonly byte[] _buffer = new byte[BufferBytes + LineScanner.MaxLineBytes + TailStep];

    /// <summary>Scans all lines of a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="scanner">Gets the lines.</param>
    /// <param name="onRead">Is told how many bytes of the piece have been read.</param>
    /// <param name="cancellationToken">Ends the work between two buffers.</param>
    /// <exception cref="SourceException">The file is shorter than when it was opened; what there is has been scanned.</exception>
    public void Read(FilePiece piece, LineScanner scanner, Action<long> onRead, CancellationToken cancellationToken)
    {
        scanner.Begin(piece.Source.Index, piece.Index);

        // The byte before the piece says whether a line begins with it; if none does, its beginning belongs to the piece before.
        var position = Math.Max(0, piece.Start - 1);
        var isSkipping = piece.Start > 0;
        var held = 0;
        while (position < piece.End)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wanted = (int)Math.Min(BufferBytes, piece.End - position);
            var read = RandomAccess.Read(piece.Source.Handle!, _buffer.AsSpan(held, wanted), position);
            if (read == 0)
            {
                scanner.Scan(_buffer.AsSpan(0, held), position - held);
                throw new SourceException($"It became shorter while it was read: it ends at byte {position} and had {piece.Source.Length} before. The report has what was there.");
            }

            onRead(Math.Min(read, position + read - piece.Start));
            position += read;
            held += read;
            held = Scan(held, position, scanner, ref isSkipping);
        }

        if (held > 0)
        {
            ScanLast(piece, held, position, scanner);
        }
    }

    /// <returns>Bytes at the end that are no whole line; they have been moved to the front.</returns>
    private int Scan(int held, long position, LineScanner scanner, ref bool isSkipping)
    {
        var data = _buffer.AsSpan(0, held);
        var start = 0;
        if (isSkipping)
        {
            var first = data.IndexOf((byte)'\n');
            if (first < 0)
            {
                return 0;
            }

            isSkipping = false;
            start = first + 1;
        }

        var end = data.LastIndexOf((byte)'\n') + 1;
        if (end > start)
        {
            scanner.Scan(data[start..end], position - held + start);
            start = end;
        }

        data = data[start..];
        if (data.Length > LineScanner.MaxLineBytes)
        {
            // A line that is too long: counted now, and the rest of it passed over.
            scanner.Scan(data, position - data.Length);
            isSkipping = true;
            return 0;
        }

        data.CopyTo(_buffer);
        return data.Length;
    }

    // The line that begins in the piece and ends behind it.
    private void ScanLast(FilePiece piece, int held, long position, LineScanner scanner)
    {
        while (held <= LineScanner.MaxLineBytes)
        {
            var read = RandomAccess.Read(piece.Source.Handle!, _buffer.AsSpan(held, TailStep), position);
            if (read == 0)
            {
                break;
            }

            var end = _buffer.AsSpan(held, read).IndexOf((byte)'\n');
            position += read;
            held += read;
            if (end >= 0)
            {
                scanner.Scan(_buffer.AsSpan(0, held - read + end + 1), position - held);
                return;
            }
        }

        scanner.Scan(_buffer.AsSpan(0, held), position - held);
    }
}
