namespace Starling.Apps.Cache.Console;

/// <summary>What was typed.</summary>
internal abstract record ConsoleCommand
{
    /// <summary>Nothing.</summary>
    public sealed record Nothing : ConsoleCommand;

    /// <summary>Gets and keeps a resource.</summary>
    /// <param name="Url">Its address.</param>
    /// <param name="IsInBackground">Whether the next command need not wait.</param>
    public sealed record Grab(string Url, bool IsInBackground) : ConsoleCommand;

    /// <summary>Shows an entry, or writes its body to a file.</summary>
    public sealed record Get(long Number, string? File) : ConsoleCommand;

    /// <summary>Names all entries.</summary>
    public sealed record ShowList : ConsoleCommand;

    /// <summary>Deletes an entry, or all.</summary>
    public sealed record Delete(long? Number) : ConsoleCommand;

    /// <summary>Shows figures.</summary>
    public sealed record Stats : ConsoleCommand;

    /// <summary>Names the commands.</summary>
    public sealed record Help : ConsoleCommand;

    /// <summary>Ends the cache.</summary>
    public sealed record Stop : ConsoleCommand;
}
