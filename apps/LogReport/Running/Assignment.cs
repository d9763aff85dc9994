using Starling.Apps.LogReport.Formats;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Running;

/// <summary>What a worker process is to read.</summary>
/// <param name="Id">By which it answers.</param>
/// <param name="Source">Index of the file.</param>
/// <param name="Path">Where the worker finds the file.</param>
/// <param name="Piece">Index of the piece.</param>
/// <param name="Start">First byte at which a line may begin.</param>
/// <param name="End">First byte at which none may; below 0 for a file that is read as one stream.</param>
/// <param name="Format">How the lines are written.</param>
/// <param name="Settings">How they are read.</param>
internal sealed record Assignment(int Id, int Source, string Path, int Piece, long Start, long End, LogFormat Format, ReportSettings Settings)
{
    /// <summary>Whether the whole file is to be read as one stream.</summary>
    public bool IsStream => End < 0;

    public void Write(BinaryWriter writer)
    {
        writer.Write(Id);
        writer.Write(Source);
        writer.Write(Path);
        writer.Write(Piece);
        writer.Write(Start);
        writer.Write(End);
        writer.Write((int)Format);
        writer.Write(Settings.Pattern ?? "");
        writer.Write((int)Settings.Unit);
        writer.Write(Settings.From ?? long.MinValue);
        writer.Write(Settings.To ?? long.MaxValue);
    }

    public static Assignment Read(BinaryReader reader) => new(
        reader.ReadInt32(),
        reader.ReadInt32(),
        reader.ReadString(),
        reader.ReadInt32(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        (LogFormat)reader.ReadInt32(),
        new ReportSettings
        {
            Pattern = reader.ReadString() is { Length: > 0 } pattern ? pattern : null,
            Unit = (TimeUnit)reader.ReadInt32(),
            From = reader.ReadInt64() is not long.MinValue and var from ? from : null,
            To = reader.ReadInt64() is not long.MaxValue and var to ? to : null,
        });
}
