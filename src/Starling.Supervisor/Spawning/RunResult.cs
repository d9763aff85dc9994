namespace Starling.Supervisor.Spawning;

/// <summary>How a run ended.</summary>
/// <param name="Status">Exit code or signal.</param>
/// <param name="Output">Bytes of the standard output, at most <see cref="RunOptions.MaxOutputBytes"/>.</param>
/// <param name="Error">Bytes of the standard error, at most <see cref="RunOptions.MaxOutputBytes"/>.</param>
/// <param name="HasTimedOut">Whether it was ended because of <see cref="RunOptions.Timeout"/>.</param>
/// <param name="IsTruncated">Whether it was ended because it wrote too much.</param>
public sealed record RunResult(ExitStatus Status, ReadOnlyMemory<byte> Output, ReadOnlyMemory<byte> Error, bool HasTimedOut, bool IsTruncated)
{
    /// <summary>The standard output as UTF-8 text.</summary>
    public string OutputText => System.Text.Encoding.UTF8.GetString(Output.Span);

    /// <summary>The standard error as UTF-8 text.</summary>
    public string ErrorText => System.Text.Encoding.UTF8.GetString(Error.Span);
}
