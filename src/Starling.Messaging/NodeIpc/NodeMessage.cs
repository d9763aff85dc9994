using System.Text.Json;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.NodeIpc;

/// <summary>A message that came over a channel.</summary>
public sealed class NodeMessage
{
    private readonly PayloadSerializer _serializer;

    internal NodeMessage(JsonElement body, NodeHandle? handle, PayloadSerializer serializer)
    {
        Body = body;
        Handle = handle;
        _serializer = serializer;
    }

    /// <summary>What was sent: any JSON value.</summary>
    public JsonElement Body { get; }

    /// <summary>The descriptor that came with it, which belongs to the receiver, or null.</summary>
    public NodeHandle? Handle { get; }

    /// <summary>Reads the message as a value of a type.</summary>
    /// <exception cref="JsonException">The message is of another form.</exception>
    public T? Read<T>() => Body.Deserialize(_serializer.TypeInfo<T>());

    /// <summary>Whether the message is this string, such as <c>"ready"</c> or <c>"shutdown"</c>.</summary>
    public bool Is(string text) => NodeJson.IsText(Body, System.Text.Encoding.UTF8.GetBytes(text));
}
