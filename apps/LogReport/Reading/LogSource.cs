using Microsoft.Win32.SafeHandles;
using Starling.Apps.LogReport.Formats;

namespace Starling.Apps.LogReport.Reading;

/// <summary>A file that is open, or the standard input. It is opened once, so that one that is renamed or replaced meanwhile is read to its end.</summary>
internal sealed class LogSource : IDisposable
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    private readonly Stream _stream;
    private PrefixedStream? _whole;

    private LogSource(int index, string name, Stream stream, SafeFileHandle? handle)
    {
        Index = index;
        Name = name;
        Handle = handle;
        _stream = stream;
    }

    /// <summary>Its place among the files, by which those that follow are told apart.</summary>
    public int Index { get; }

    /// <summary>As the user named it.</summary>
    public string Name { get; }

    /// <summary>For reading at any place; null for standard input.</summary>
    public SafeFileHandle? Handle { get; }

    /// <summary>Bytes when it was opened; lines that begin later are not read. 0 where it is not known.</summary>
    public long Length { get; private init; }

    /// <summary>Whether it can be read at several places at a time: a plain file, not compressed.</summary>
    public bool IsSplittable { get; private set; }

    /// <summary>Whether it can be read again, by another process too: no pipe and not standard input.</summary>
    public bool IsRepeatable => Handle is not null && _stream.CanSeek;

    /// <summary>Never <see cref="LogFormat.Auto"/> once lines are read.</summary>
    public LogFormat Format { get; set; }

    /// <summary>Lines of its pieces.</summary>
    public LineCounts Lines { get; } = new();

    /// <summary>Opens a file.</summary>
    /// <param name="index">Its place among the files.</param>
    /// <param name="path">Its name, or <c>-</c>.</param>
    /// <param name="format">Its format; a plain file's is guessed at once.</param>
    /// <param name="name">What to call it, if not by its path.</param>
    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static LogSource Open(int index, string path, LogFormat format, string? name = null)
    {
        if (path == StandardInput)
        {
            return new LogSource(index, "standard input", Console.OpenStandardInput(), null) { Format = format };
        }

        if (Directory.Exists(path))
        {
            throw new SourceException("It is a folder; name the files in it.");
        }

        try
        {
            // Others may go on writing to it, rename it and delete it.
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var source = new LogSource(index, name ?? path, stream, stream.SafeFileHandle)
            {
                Format = format,
                Length = stream.CanSeek ? stream.Length : 0,
            };
            source.LookInside();
            return source;
        }
        catch (Exception exception) when (SourceException.IsOfSource(exception))
        {
            throw SourceException.From(exception);
        }
    }

    /// <summary>The whole as it was written before it was compressed, from begin to end, once.</summary>
    public Stream OpenStream()
    {
        Span<byte> magic = stackalloc byte[Gzip.MagicBytes];
        var length = _stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        _whole = new PrefixedStream(magic[..length].ToArray(), _stream);
        return Gzip.IsGzip(magic[..length]) ? Gzip.Decompress(_whole) : _whole;
    }

    /// <summary>Bytes that were read of the stream of <see cref="OpenStream"/>, as they are in the file.</summary>
    public long StreamPosition => _whole?.Position ?? 0;

    /// <summary>Where another process of this user finds this very file, even if it has been renamed.</summary>
    public string PathForOthers => OperatingSystem.IsLinux()
        ? $"/proc/{Environment.ProcessId}/fd/{Handle!.DangerousGetHandle()}"
        : Path.GetFullPath(Name);

    public void Dispose() => _stream.Dispose();

    private void LookInside()
    {
        // What has no length may still have content: pipes, and what the system itself makes up.
        if (Length == 0)
        {
            return;
        }

        var beginning = new byte[Math.Min(Length, Format == LogFormat.Auto ? FormatGuess.Sample : Gzip.MagicBytes)];
        var read = 0;
        while (read < beginning.Length && RandomAccess.Read(Handle!, beginning.AsSpan(read), read) is > 0 and var more)
        {
            read += more;
        }

        IsSplittable = !Gzip.IsGzip(beginning.AsSpan(0, read));
        if (IsSplittable && Format == LogFormat.Auto)
        {
            Format = FormatGuess.Of(beginning.AsSpan(0, read)) ?? throw NotRecognised();
        }
    }

    /// <summary>What to say when no format matches.</summary>
    public static SourceException NotRecognised() =>
        new("Its format is not recognised: no line at its beginning is of a known one. Name it with --format, or describe it with --pattern.");
}
