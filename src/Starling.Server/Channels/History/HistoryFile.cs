using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Starling.Protocol.Buffers;

namespace Starling.Server.Channels.History;

/// <summary>
/// The history on disk, so that a restart loses nothing: records are appended before a publication is acknowledged, and the file is written
/// anew when it has grown to twice of what is kept.
/// </summary>
/// <remarks>
/// Survives the end of the process at any moment: a record that was cut off is dropped when the file is opened. Records are handed to the
/// operating system, not forced to the disk, so that a power failure may cost the last second. Record: length, CRC-32C, bytes. The first one
/// names the epoch and the last offset. Used under the hub's lock.
/// </remarks>
internal sealed class HistoryFile : IDisposable
{
    private const int RecordHeaderSize = 8;
    private const long Slack = 1 << 20;

    private readonly string _path;
    private SafeFileHandle _handle;
    private long _length;
    private long _rewriteAt;

    private HistoryFile(string path, SafeFileHandle handle, string epoch)
    {
        _path = path;
        _handle = handle;
        Epoch = epoch;
    }

    /// <summary>The epoch that the file goes on with.</summary>
    public string Epoch { get; private set; }

    /// <summary>The last offset of that epoch when the file was written anew.</summary>
    public long LastOffset { get; private set; }

    /// <summary>Opens or creates the file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="epoch">The epoch of a new file.</param>
    /// <exception cref="IOException">Another process has it open, or it is no history.</exception>
    public static HistoryFile Open(string path, string epoch)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var file = new HistoryFile(path, OpenHandle(path, FileMode.OpenOrCreate), epoch);
        try
        {
            file.ReadHead();
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return file;
    }

    /// <summary>Reads the publications and cuts off what is not whole.</summary>
    public IEnumerable<Publication> Load()
    {
        var end = RandomAccess.GetLength(_handle);
        while (TryRead(_length, end) is { } record)
        {
            _length += RecordHeaderSize + record.Length;
            yield return PublicationCodec.Read(record);
        }

        RandomAccess.SetLength(_handle, _length);
        _rewriteAt = Math.Max(_rewriteAt, (2 * _length) + Slack);
    }

    /// <summary>Appends a publication.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing was appended.</exception>
    public void Append(Publication publication)
    {
        using var buffer = new PooledBuffer();
        WriteRecord(buffer, content => PublicationCodec.Write(content, publication));
        Append(buffer.Written);
    }

    /// <summary>Whether enough was forgotten to write the file anew.</summary>
    public bool WantsRewrite => _length > _rewriteAt;

    /// <summary>Writes the file anew with what is kept. When that fails the old file goes on.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Rewrite(IEnumerable<Publication> kept, long lastOffset)
    {
        // Not before it has grown further, should this fail.
        _rewriteAt = (2 * _length) + Slack;
        var temporary = _path + ".new";
        var next = new HistoryFile(_path, OpenHandle(temporary, FileMode.Create), Epoch);
        try
        {
            next.WriteHead(lastOffset);
            foreach (var publication in kept)
            {
                next.Append(publication);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch
        {
            next.Dispose();
            throw;
        }

        (_handle, next._handle) = (next._handle, _handle);
        next.Dispose();
        _length = next._length;
        _rewriteAt = (2 * _length) + Slack;
    }

    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle OpenHandle(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);

    private void ReadHead()
    {
        if (RandomAccess.GetLength(_handle) == 0)
        {
            WriteHead(0);
            return;
        }

        if (TryRead(0, RandomAccess.GetLength(_handle)) is not { } head || head.Length < 8)
        {
            throw new IOException($"'{_path}' is no history of channels; move it away or name another file.");
        }

        LastOffset = BinaryPrimitives.ReadInt64LittleEndian(head);
        Epoch = Encoding.UTF8.GetString(head.AsSpan(8));
        _length = RecordHeaderSize + head.Length;
    }

    private void WriteHead(long lastOffset)
    {
        using var buffer = new PooledBuffer();
        WriteRecord(buffer, content =>
        {
            BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(8), lastOffset);
            content.Advance(8);
            content.Write(Encoding.UTF8.GetBytes(Epoch));
        });
        Append(buffer.Written);
    }

    private void Append(ReadOnlySpan<byte> record)
    {
        try
        {
            RandomAccess.Write(_handle, record, _length);
            _length += record.Length;
        }
        catch (IOException)
        {
            // Half a record would hide those after it.
            RandomAccess.SetLength(_handle, _length);
            throw;
        }
    }

    private static void WriteRecord(PooledBuffer buffer, Action<PooledBuffer> write)
    {
        buffer.Reset(RecordHeaderSize);
        write(buffer);
        var content = buffer.Written;
        var length = content.Length;
        var checksum = Checksum(content);
        var header = buffer.Prepend(RecordHeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], checksum);
    }

    private byte[]? TryRead(long position, long end)
    {
        Span<byte> header = stackalloc byte[RecordHeaderSize];
        if (position + RecordHeaderSize > end || RandomAccess.Read(_handle, header, position) < RecordHeaderSize)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length < 0 || position + RecordHeaderSize + length > end)
        {
            return null;
        }

        var content = new byte[length];
        var read = RandomAccess.Read(_handle, content, position + RecordHeaderSize);
        return read == length && Checksum(content) == BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) ? content : null;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
