namespace Starling.Apps.LogReport.Reading;

/// <summary>A file cannot be read, or not to its end; the message says why, without its name.</summary>
internal sealed class SourceException(string message) : Exception(message)
{
    /// <summary>What the system's exception means to a person.</summary>
    public static SourceException From(Exception exception) => exception switch
    {
        SourceException known => known,
        FileNotFoundException or DirectoryNotFoundException => new("There is no such file."),
        UnauthorizedAccessException => new("There is no permission to read it."),
        InvalidDataException => new($"It is no whole gzip file: {exception.Message}"),
        _ => new(exception.Message),
    };

    /// <summary>Whether it is about a file, and not about this program.</summary>
    public static bool IsOfSource(Exception exception) =>
        exception is SourceException or IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException;
}
