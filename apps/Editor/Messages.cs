using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Starling.Apps.Editor;

/// <summary>What is known of a text. Kept as a document of <see cref="Collections.Entries"/>, so that lists of texts are live queries.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was created, in milliseconds since 1970.</param>
/// <param name="CreatedBy">The public id of the one who did.</param>
/// <param name="EditedAt">When it was last edited, in milliseconds since 1970; a few seconds late at most.</param>
/// <param name="EditedBy">The public id of the one who did.</param>
internal sealed record Entry(string Name, long CreatedAt, string CreatedBy, long EditedAt, string EditedBy);

/// <summary>Which text a name stands for.</summary>
internal sealed record NameTarget(string Document);

/// <summary>Somebody who edits.</summary>
internal sealed record Person(string Name, string Color);

/// <summary>A text, as the API tells of it.</summary>
/// <param name="Document">Its id in <see cref="Collections.Texts"/>.</param>
/// <param name="Name">Its name; not the one that was asked for, if it has been renamed since.</param>
internal sealed record Found(string Document, string Name);

/// <summary>The visitor.</summary>
internal sealed record Me(string Id, string? Name, string? Color);

/// <summary>What a client sends to create or rename.</summary>
internal sealed record Naming(string? Name);

/// <summary>Edits of one person in a row.</summary>
/// <param name="From">The version before the first.</param>
/// <param name="To">The version after the last.</param>
/// <param name="At">When the last was made, in milliseconds since 1970.</param>
/// <param name="By">The public id of the one who made them; null for the server.</param>
internal sealed record Change(long From, long To, long At, string? By);

/// <summary>The history of a text, oldest change first.</summary>
internal sealed record ChangeList(long Version, IReadOnlyList<Change> Changes);

/// <summary>Why something was refused (RFC 9457).</summary>
internal sealed record Problem(string Title, string Code, int Status);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Entry))]
[JsonSerializable(typeof(NameTarget))]
[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(Found))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(Naming))]
[JsonSerializable(typeof(ChangeList))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(JsonArray))]
internal sealed partial class EditorJson : JsonSerializerContext;
