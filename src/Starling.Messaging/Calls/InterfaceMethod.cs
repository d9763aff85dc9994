using System.Text.Json;
using Starling.Messaging.Payloads;
using Starling.Messaging.Services;

namespace Starling.Messaging.Calls;

/// <summary>A method of a service's interface.</summary>
internal sealed class InterfaceMethod : OutgoingMethod
{
    private readonly RpcParameter[] _parameters;
    private readonly int[] _payloads;

    public InterfaceMethod(MethodShape shape)
        : base(shape.Name)
    {
        _parameters = shape.Parameters;
        _payloads = [.. Enumerable.Range(0, _parameters.Length).Where(index => _parameters[index].Kind == ParameterKind.Payload)];
    }

    public override void Write(Utf8JsonWriter writer, object? arguments, in WireScope scope)
    {
        var values = (object?[])arguments!;
        writer.WriteStartArray();
        foreach (var index in _payloads)
        {
            _parameters[index].Codec!.WriteObject(writer, values[index], scope);
        }

        writer.WriteEndArray();
    }

    public override object?[]? Payloads(object? arguments)
    {
        var values = (object?[])arguments!;
        if (_payloads.Length == values.Length)
        {
            return values;
        }

        var payloads = new object?[_payloads.Length];
        for (var i = 0; i < payloads.Length; i++)
        {
            payloads[i] = values[_payloads[i]];
        }

        return payloads;
    }
}
