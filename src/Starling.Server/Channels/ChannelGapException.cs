namespace Starling.Server.Channels;

/// <summary>A subscriber wants to go on where the history no longer reaches. Read the state anew, then subscribe from <see cref="Cursor"/>.</summary>
public sealed class ChannelGapException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="cursor">From where nothing is missing.</param>
    public ChannelGapException(Cursor cursor)
        : base("Publications after the given cursor are no longer in the history. Read the state anew and subscribe from the cursor of this exception.") =>
        Cursor = cursor;

    /// <summary>From where nothing is missing.</summary>
    public Cursor Cursor { get; }
}
