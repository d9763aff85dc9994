namespace Starling.Server.Channels.History;

/// <summary>Kinds of <see cref="HistoryMark"/>.</summary>
internal enum HistoryMarkKind : byte
{
    /// <summary>A process begins to write, with publications after the offset.</summary>
    Opened = 1,

    /// <summary>A process stopped in order; all that it wrote is on the disk.</summary>
    Closed = 2,

    /// <summary>Publications of the epoch up to the offset are missing, since they could not be written.</summary>
    Missing = 3,
}
