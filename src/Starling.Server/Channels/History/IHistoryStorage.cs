namespace Starling.Server.Channels.History;

/// <summary>Where the bytes of a history file are. Every failure is an <see cref="IOException"/>. Used by one thread at a time.</summary>
internal interface IHistoryStorage : IDisposable
{
    /// <summary>A name for messages.</summary>
    string Name { get; }

    long Length { get; }

    /// <summary>Reads at a position.</summary>
    /// <returns>The number of bytes read; fewer than asked for at the end.</returns>
    int Read(Span<byte> bytes, long position);

    void Write(ReadOnlySpan<byte> bytes, long position);

    void SetLength(long length);

    /// <summary>Forces all that was written to the disk.</summary>
    void Flush();

    /// <summary>Makes an empty storage beside this one. Disposed of without <see cref="Replace"/>, it vanishes.</summary>
    IHistoryStorage CreateReplacement();

    /// <summary>Puts a replacement in the place of this storage, which must not be used afterwards except to be disposed of.</summary>
    void Replace(IHistoryStorage replacement);

    /// <summary>Keeps a copy of the content under another name, for a person to look at.</summary>
    /// <returns>The name.</returns>
    string SetAside();
}
