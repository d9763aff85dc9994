using System.Text.Json;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Calls;

/// <summary>A method of the protocol itself; the argument is what writes its parameters.</summary>
internal sealed class ControlMethod(string name) : OutgoingMethod(name)
{
    public override bool IsControl => true;

    public override void Write(Utf8JsonWriter writer, object? arguments, in WireScope scope) => ((Action<Utf8JsonWriter>)arguments!)(writer);

    public override object?[]? Payloads(object? arguments) => null;
}
