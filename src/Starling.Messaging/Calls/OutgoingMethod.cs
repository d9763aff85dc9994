using System.Text.Json;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Calls;

/// <summary>A method of the peer's, and how its parameters are written. Immutable.</summary>
internal abstract class OutgoingMethod(string name)
{
    private readonly byte[] _encodedName = JsonEncodedText.Encode(name).EncodedUtf8Bytes.ToArray();

    public string Name { get; } = name;

    /// <summary>Whether it is a method of the protocol itself.</summary>
    public virtual bool IsControl => false;

    /// <summary>The name as a JSON string without its quotes.</summary>
    public ReadOnlySpan<byte> EncodedName => _encodedName;

    /// <summary>Writes the parameters as one JSON array or object.</summary>
    public abstract void Write(Utf8JsonWriter writer, object? arguments, in WireScope scope);

    /// <summary>Those arguments that go to the peer, in order; null when they are known by name only.</summary>
    public abstract object?[]? Payloads(object? arguments);
}
