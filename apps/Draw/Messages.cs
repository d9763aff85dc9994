using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.Apps.Draw;

/// <summary>A client comes to a board, for the first time or again after its connection was lost.</summary>
/// <param name="Board">Name of the board.</param>
/// <param name="Key">The client's secret, by which its strokes stay its own after a reconnect.</param>
/// <param name="Name">What others see beside its pointer.</param>
/// <param name="Color">Colour of its pointer and strokes, as #rrggbb.</param>
internal sealed record JoinRequest(string? Board, string? Key, string? Name, string? Color);

/// <summary>Answers a <see cref="JoinRequest"/>: who the client is, and the picture so far.</summary>
/// <param name="Error">Why the client cannot come to the board, or null.</param>
/// <param name="Author">The public id of the client, by which its strokes are known.</param>
/// <param name="Strokes">The picture.</param>
/// <param name="People">Who is at the board.</param>
/// <param name="At">The number of the last change in the picture; an event with this or a smaller number is in it.</param>
/// <param name="Cleared">The clear that can still be undone.</param>
internal sealed record JoinReply(
    string? Error, string? Author = null, IReadOnlyList<StrokeView>? Strokes = null, IReadOnlyList<Person>? People = null, long At = 0,
    ClearView? Cleared = null);

/// <summary>A part of a stroke. Coordinates run from 0 to 10,000 over the board, x and y in turn.</summary>
/// <param name="Stroke">The stroke's id, chosen by its author.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Width">Its width, 1 to 60 in units of the board's thousandth.</param>
/// <param name="From">How many coordinates came before; a part that is sent twice is taken once.</param>
/// <param name="Points">The coordinates.</param>
internal sealed record PointsRequest(string? Stroke, string? Color, int Width, int From, int[]? Points);

/// <summary>Names a stroke or a clear.</summary>
internal sealed record ItemRequest(string? Id);

/// <summary>Answers a request.</summary>
/// <param name="Error">Why it was not carried out, or null.</param>
/// <param name="Retry">Whether the client should keep the request and send it again after it has joined again.</param>
internal sealed record Reply(string? Error = null, bool Retry = false)
{
    public static Reply Ok { get; } = new();
}

/// <summary>A clear that anyone at the board can undo.</summary>
/// <param name="Id">Its id, chosen by the client that cleared.</param>
/// <param name="By">The name of the person who cleared the board.</param>
/// <param name="Until">Until when it can be undone.</param>
internal sealed record ClearView(string Id, string By, DateTimeOffset Until);

/// <summary>A part of a stroke as others get it, or a whole stroke.</summary>
internal sealed record StrokeView(string Stroke, string Author, string Color, int Width, int From, short[] Points);

/// <summary>A person at a board.</summary>
internal sealed record Person(string Author, string Name, string Color);

/// <summary>Where a client's pointer is.</summary>
internal sealed record PointerRequest(int X, int Y);

/// <summary>Where a person's pointer is.</summary>
internal sealed record PointerView(string Author, int X, int Y);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(JoinReply))]
[JsonSerializable(typeof(PointsRequest))]
[JsonSerializable(typeof(ItemRequest))]
[JsonSerializable(typeof(Reply))]
[JsonSerializable(typeof(ClearView))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(StrokeView))]
[JsonSerializable(typeof(PointerRequest))]
[JsonSerializable(typeof(PointerView))]
[JsonSerializable(typeof(IReadOnlyList<Person>))]
[JsonSerializable(typeof(string))]
internal sealed partial class DrawJson : JsonSerializerContext;
