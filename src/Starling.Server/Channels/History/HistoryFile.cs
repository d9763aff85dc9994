using System.Buffers.Binary;
using System.Text;
using Starling.Protocol.Buffers;

namespace Starling.Server.Channels.History;

/// <summary>
/// The history on disk, so that a restart loses nothing: records are appended before a publication is acknowledged, and the file is written
/// again without the forgotten ones when it has grown to twice of what is kept.
/// </summary>
/// <remarks>
/// Record: length, CRC-32C, bytes. The first one names an epoch and its last offset; others are publications and marks. Records are handed
/// to the operating system, not forced to the disk: they survive the end of the process at any moment, but a power failure may cost the last
/// ones. So each process forces a mark to the disk before it publishes, and one when it stops. Where the last is not there, the process did
/// not stop in order: the epoch ends, since its next numbers may have been given out, and the reader learns whether some may be lost.
/// Used under the hub's lock.
/// </remarks>
internal sealed class HistoryFile : IDisposable
{
    private const int RecordHeaderSize = 8;
    private const int MaxHeadSize = 256;
    private const long Slack = 1 << 20;

    /// <summary>In the head instead of an offset: the file has marks. Those of earlier versions have none.</summary>
    private const long HasMarks = -1;

    /// <summary>More than may ever be lost: an offset that no client has reached.</summary>
    private const long LostTail = 1L << 32;

    private readonly string _boot;
    private readonly Dictionary<string, long> _missing = new(StringComparer.Ordinal);
    private readonly List<(string Epoch, long Offset)> _gaps = [];
    private List<Publication> _loaded = [];
    private (string Epoch, long Offset)? _ended;
    private IHistoryStorage _storage;
    private long _length;
    private long _rewriteAt;
    private bool _isTailDirty;
    private bool _isOpened;
    private bool _isDisposed;

    private HistoryFile(IHistoryStorage storage, string epoch, string boot)
    {
        _storage = storage;
        _boot = boot;
        Epoch = epoch;
    }

    /// <summary>The epoch in which to publish.</summary>
    public string Epoch { get; private set; }

    /// <summary>The last offset of that epoch.</summary>
    public long LastOffset { get; private set; }

    /// <summary>Whether publications at the end of the epoch that ended may be lost.</summary>
    public bool MayLack { get; private set; }

    /// <summary>Where a head that could not be read was kept, or null.</summary>
    public string? SetAside { get; private set; }

    /// <summary>Bytes that were cut off since they were not whole records.</summary>
    public long Cut { get; private set; }

    /// <summary>Opens a history and reads it.</summary>
    /// <param name="storage">Its bytes. Owned by the result.</param>
    /// <param name="newEpoch">The epoch to publish in, unless the file's goes on.</param>
    /// <param name="boot">The time since the start of the machine, see <see cref="BootId"/>.</param>
    /// <exception cref="IOException">The file is not a history, or cannot be read.</exception>
    public static HistoryFile Open(IHistoryStorage storage, string newEpoch, string boot)
    {
        var file = new HistoryFile(storage, newEpoch, boot);
        try
        {
            file.Load(newEpoch);
        }
        catch
        {
            storage.Dispose();
            throw;
        }

        return file;
    }

    /// <summary>Puts what was read into a history, once.</summary>
    /// <returns>The number of publications.</returns>
    public int Restore(PublicationHistory history, DateTimeOffset now)
    {
        history.AddOwn(Epoch);
        if (_ended is { } ended)
        {
            history.AddOwn(ended.Epoch, hasEnded: true);
        }

        foreach (var publication in _loaded)
        {
            history.Append(publication, keepsOwnId: true);
        }

        foreach (var (epoch, offset) in _gaps)
        {
            history.Lose(epoch, offset, now);
        }

        var count = _loaded.Count;
        _loaded = [];
        return count;
    }

    /// <summary>Appends a publication.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing was appended.</exception>
    public void Append(Publication publication)
    {
        Begin();
        AppendRecord(content => PublicationCodec.Write(content, publication));
        LastOffset = publication.Epoch == Epoch ? publication.Offset : LastOffset;
    }

    /// <summary>Notes that a publication of another node could not be appended, to be written down once the disk takes something again.</summary>
    public void Miss(Publication publication)
    {
        _missing[publication.Epoch] = publication.Offset;
        _gaps.Add((publication.Epoch, publication.Offset));
    }

    /// <summary>Whether enough was forgotten to write the file again.</summary>
    public bool WantsRewrite => _length > _rewriteAt;

    /// <summary>Writes the file again with what is kept. When that fails the old file goes on.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Rewrite(IReadOnlyCollection<Publication> kept)
    {
        // Not before it has grown further, should this fail.
        _rewriteAt = (2 * _length) + Slack;
        var storage = _storage.CreateReplacement();
        var next = new HistoryFile(storage, Epoch, _boot) { LastOffset = LastOffset };
        _gaps.RemoveAll(gap => !kept.Any(publication => publication.Epoch == gap.Epoch));
        try
        {
            foreach (var (epoch, offset) in _gaps)
            {
                next._missing[epoch] = offset;
            }

            next.Begin();
            foreach (var publication in kept)
            {
                next.AppendRecord(content => PublicationCodec.Write(content, publication));
            }

            _storage.Replace(storage);
        }
        catch
        {
            storage.Dispose();
            throw;
        }

        _storage.Dispose();
        _storage = storage;
        _length = next._length;
        _rewriteAt = (2 * _length) + Slack;
        _isTailDirty = false;
        _isOpened = true;
    }

    /// <summary>Marks the end, so that the epoch can go on, and closes the file.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        try
        {
            // First the content: the mark must not reach the disk before it.
            Begin();
            _storage.Flush();
            AppendRecord(new HistoryMark(HistoryMarkKind.Closed, Epoch, LastOffset).Write);
            _storage.Flush();
        }
        catch (IOException)
        {
            // The next process finds no mark and begins an epoch of its own.
        }

        _storage.Dispose();
    }

    private void Load(string newEpoch)
    {
        var end = _storage.Length;
        if (end > 0 && !TryReadHead(end))
        {
            SetAside = TrySetAside();
            _storage.SetLength(0);
            end = 0;
        }

        if (end == 0)
        {
            (Epoch, LastOffset, _length) = (newEpoch, 0, 0);
            TryBegin();
            return;
        }

        var isEarlierVersion = LastOffset != HasMarks;
        LastOffset = Math.Max(LastOffset, 0);
        HistoryMark? last = null, opened = null;
        while (TryRead(_length, end) is { } record && TryTake(record, out var mark))
        {
            _length += RecordHeaderSize + record.Length;
            last = mark;
            opened = mark?.Kind == HistoryMarkKind.Opened ? mark : opened;
        }

        Cut = end - _length;
        _isTailDirty = Cut > 0;

        var isClosed = last?.Kind == HistoryMarkKind.Closed || (isEarlierVersion && opened is null && Cut == 0);
        if (!isClosed)
        {
            _ended = (Epoch, LastOffset);
            MayLack = Cut > 0 || opened is null || _boot.Length == 0 || opened.Boot != _boot;
            if (MayLack)
            {
                // Also for processes after this one, as long as something of the epoch is kept.
                _missing[Epoch] = LastOffset + LostTail;
                _gaps.Add((Epoch, LastOffset + LostTail));
            }

            (Epoch, LastOffset) = (newEpoch, 0);
        }

        TryBegin();
    }

    private string? TrySetAside()
    {
        try
        {
            return _storage.SetAside();
        }
        catch (IOException)
        {
            // There was no head, so there is little to keep.
            return null;
        }
    }

    private bool TryTake(byte[] record, out HistoryMark? mark)
    {
        mark = null;
        try
        {
            if (!HistoryMark.IsMark(record))
            {
                var publication = PublicationCodec.Read(record);
                LastOffset = publication.Epoch == Epoch ? publication.Offset : LastOffset;
                _loaded.Add(publication);
                return true;
            }

            mark = HistoryMark.Read(record);
            switch (mark.Kind)
            {
                case HistoryMarkKind.Opened:
                    (Epoch, LastOffset) = (mark.Epoch, mark.Offset);
                    break;
                case HistoryMarkKind.Missing:
                    _gaps.Add((mark.Epoch, mark.Offset));
                    break;
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    // False for a head that was cut off or never reached the disk.
    private bool TryReadHead(long end)
    {
        if (TryRead(0, end) is { Length: >= sizeof(long) and <= MaxHeadSize } head)
        {
            LastOffset = BinaryPrimitives.ReadInt64LittleEndian(head);
            Epoch = string.Intern(Encoding.UTF8.GetString(head.AsSpan(sizeof(long))));
            _length = RecordHeaderSize + head.Length;
            return true;
        }

        // Every history begins with a length of less than two bytes; a file of something else hardly has zeros there.
        Span<byte> start = stackalloc byte[sizeof(int)];
        start = start[.._storage.Read(start, 0)];
        return start.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(start) is >= 0 and <= MaxHeadSize
            ? false
            : throw new IOException($"'{_storage.Name}' is not a history of channels. Move it away, or set ChannelOptions.HistoryFile to another file.");
    }

    // With a full disk the server starts all the same. It cannot publish until there is room.
    private void TryBegin()
    {
        try
        {
            Begin();
        }
        catch (IOException)
        {
            // Tried again by the first publication.
        }

        _rewriteAt = (2 * _length) + Slack;
    }

    // Writes what must be in the file before the next publication.
    private void Begin()
    {
        if (_length == 0)
        {
            AppendRecord(content =>
            {
                BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(sizeof(long)), HasMarks);
                content.Advance(sizeof(long));
                content.Write(Encoding.UTF8.GetBytes(Epoch));
            });
        }

        foreach (var (epoch, offset) in _missing)
        {
            AppendRecord(new HistoryMark(HistoryMarkKind.Missing, epoch, offset).Write);
            _missing.Remove(epoch);
        }

        if (!_isOpened)
        {
            AppendRecord(new HistoryMark(HistoryMarkKind.Opened, Epoch, LastOffset, _boot).Write);
            _storage.Flush();
            _isOpened = true;
        }
    }

    private void AppendRecord(Action<PooledBuffer> write)
    {
        using var buffer = new PooledBuffer();
        buffer.Reset(RecordHeaderSize);
        write(buffer);
        var content = buffer.Written;
        var length = content.Length;
        var checksum = Crc32C.Compute(content);
        var header = buffer.Prepend(RecordHeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], checksum);
        Append(buffer.Written);
    }

    private void Append(ReadOnlySpan<byte> record)
    {
        // Half a record would hide those after it.
        if (_isTailDirty)
        {
            _storage.SetLength(_length);
            _isTailDirty = false;
        }

        try
        {
            _storage.Write(record, _length);
            _length += record.Length;
        }
        catch (IOException)
        {
            _isTailDirty = true;
            throw;
        }
    }

    private byte[]? TryRead(long position, long end)
    {
        Span<byte> header = stackalloc byte[RecordHeaderSize];
        if (position + RecordHeaderSize > end || _storage.Read(header, position) < RecordHeaderSize)
        {
            return null;
        }

        // Zeros, as a power failure leaves them, have the right checksum.
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length <= 0 || position + RecordHeaderSize + length > end)
        {
            return null;
        }

        var content = new byte[length];
        var read = _storage.Read(content, position + RecordHeaderSize);
        return read == length && Crc32C.Compute(content) == BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) ? content : null;
    }
}
