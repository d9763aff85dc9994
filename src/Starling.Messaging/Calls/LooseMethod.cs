using System.Text.Json;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Calls;

/// <summary>A method that is called by name with values of any types.</summary>
internal sealed class LooseMethod(string name, PayloadSerializer serializer) : OutgoingMethod(name)
{
    public override void Write(Utf8JsonWriter writer, object? arguments, in WireScope scope)
    {
        writer.WriteStartArray();
        foreach (var argument in (object?[])arguments!)
        {
            WriteOne(writer, argument, scope);
        }

        writer.WriteEndArray();
    }

    public override object?[]? Payloads(object? arguments) => (object?[])arguments!;

    [System.Diagnostics.CodeAnalysis.UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "An object that is passed as a sequence or for progress has that interface in use.")]
    private void WriteOne(Utf8JsonWriter writer, object? argument, in WireScope scope)
    {
        if (argument is null)
        {
            writer.WriteNullValue();
            return;
        }

        var type = argument.GetType();
        var special = Array.Find(type.GetInterfaces(), candidate => candidate.IsGenericType
            && (candidate.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>) || candidate.GetGenericTypeDefinition() == typeof(IProgress<>)));
        serializer.Of(special ?? type).WriteObject(writer, argument, scope);
    }
}
