using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>What a standard stream of a new process is connected to.</summary>
public abstract record StandardStream
{
    private StandardStream()
    {
    }

    /// <summary>The same as this process has.</summary>
    public static StandardStream Inherit { get; } = new Inherited();

    /// <summary>Nothing: reads end at once, writes go nowhere. On Windows this process reads what is written, for as long as it lives.</summary>
    public static StandardStream Ignore { get; } = new Ignored();

    /// <summary>A stream of <see cref="ChildProcess"/>.</summary>
    public static StandardStream Pipe { get; } = new Piped();

    /// <summary>
    /// A file: read from its beginning, or written at its end; made where there is none. On Windows this process copies what passes, for as long as it lives; other
    /// processes should not write the file meanwhile.
    /// </summary>
    /// <param name="path">Path, as the new process sees it.</param>
    /// <param name="truncate">Whether what is in the file is thrown away before it is written.</param>
    public static StandardStream File(string path, bool truncate = false) => new ToFile(path, truncate);

    /// <summary>An open descriptor of this process, which stays open here. Refused on Windows.</summary>
    public static StandardStream Descriptor(SafeHandle handle) => new ToDescriptor(handle);

    internal sealed record Inherited : StandardStream;

    internal sealed record Ignored : StandardStream;

    internal sealed record Piped : StandardStream;

    internal sealed record ToFile(string Path, bool Truncate) : StandardStream;

    internal sealed record ToDescriptor(SafeHandle Handle) : StandardStream;
}
