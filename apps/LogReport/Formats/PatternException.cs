namespace Starling.Apps.LogReport.Formats;

/// <summary>A user's regular expression cannot be used; the message says where and why.</summary>
internal sealed class PatternException(string message) : Exception(message);
