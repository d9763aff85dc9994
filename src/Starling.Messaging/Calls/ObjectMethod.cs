using System.Text.Json;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Calls;

/// <summary>A method whose parameters are the members of one object.</summary>
internal sealed class ObjectMethod(string name, PayloadSerializer serializer) : OutgoingMethod(name)
{
    public override void Write(Utf8JsonWriter writer, object? arguments, in WireScope scope) =>
        serializer.Of(arguments!.GetType()).WriteObject(writer, arguments, scope);

    public override object?[]? Payloads(object? arguments) => null;
}
