using System.Text.Json.Serialization;

namespace Starling.TraceReplay;

/// <summary>One change: <c>[position, characters deleted, text inserted]</c>.</summary>
[JsonConverter(typeof(PatchConverter))]
internal readonly record struct Patch(int Position, int Deleted, string Inserted);
