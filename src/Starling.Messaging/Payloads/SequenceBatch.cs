using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <summary>The next values of a sequence.</summary>
/// <param name="WriteValues">Writes them as an array.</param>
/// <param name="IsFinished">Whether they are the last.</param>
internal sealed record SequenceBatch(Action<Utf8JsonWriter> WriteValues, bool IsFinished);
