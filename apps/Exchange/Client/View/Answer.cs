namespace Starling.Apps.Exchange.Client.View;

/// <summary>A line for the one who types.</summary>
/// <param name="Text">What it says.</param>
/// <param name="IsError">Whether something could not be done.</param>
internal sealed record Answer(string Text, bool IsError);
