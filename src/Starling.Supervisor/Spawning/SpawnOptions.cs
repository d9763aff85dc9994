using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>What is started, and with what.</summary>
public sealed record SpawnOptions
{
    /// <summary>
    /// Program: a path, or a name that is looked for in this process's PATH. On Windows <c>.exe</c> is added where there is no extension, and scripts of
    /// <c>cmd.exe</c> (<c>.cmd</c>, <c>.bat</c>) are refused, since that is a shell which looks at arguments.
    /// </summary>
    public required string FileName { get; init; }

    /// <summary>Arguments, passed as they are; no shell looks at them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Folder that it starts in; null for this process's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>All of its environment variables; null for those of this process. Many programs of Windows need <c>SystemRoot</c> among them.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Its standard input.</summary>
    public StandardStream Input { get; init; } = StandardStream.Ignore;

    /// <summary>Its standard output.</summary>
    public StandardStream Output { get; init; } = StandardStream.Inherit;

    /// <summary>Its standard error.</summary>
    public StandardStream Error { get; init; } = StandardStream.Inherit;

    /// <summary>Further descriptors that it gets, by the number, 3 or more, under which it finds them. No other descriptor of this process reaches it. Refused on Windows.</summary>
    public IReadOnlyDictionary<int, SafeHandle> Descriptors { get; init; } = new Dictionary<int, SafeHandle>();

    /// <summary>Whether it gets a session of its own: signals of this process's terminal do not reach it, and it goes on when this process ends. Refused on Windows.</summary>
    public bool Detached { get; init; }

    /// <summary>User that it runs as, by name or number; needs root and the program <c>setpriv</c>. Null for this process's user. Refused on Windows.</summary>
    public string? User { get; init; }

    /// <summary>Group that it runs as, by name or number; null for that of <see cref="User"/>. Refused on Windows.</summary>
    public string? Group { get; init; }

    /// <summary>Whether it is started through <see cref="System.Diagnostics.Process"/>, the only way on Windows.</summary>
    internal bool IsManaged { get; init; } = OperatingSystem.IsWindows();
}
