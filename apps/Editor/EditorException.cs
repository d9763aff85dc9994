namespace Starling.Apps.Editor;

/// <summary>Something that a visitor asked for and does not get.</summary>
/// <param name="status">The status of the HTTP answer.</param>
/// <param name="code">For programs: not-json, bad-name, bad-color, unknown, taken, full, too-many, bad-version, bad-format, not-kept.</param>
/// <param name="message">For people: what is wrong and what to do.</param>
internal sealed class EditorException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;
}
