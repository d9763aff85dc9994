using System.Text.Json;
using Starling.Messaging.Payloads;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Services;

/// <summary>Makes the arguments of a method from the parameters of a message. JSON-RPC 2.0, section 4.2. Immutable.</summary>
internal sealed class ArgumentBinder
{
    private readonly MethodShape _shape;
    private readonly int[] _payloads;
    private readonly bool _takesWholeObject;

    public ArgumentBinder(MethodShape shape)
    {
        _shape = shape;
        _payloads = [.. Enumerable.Range(0, shape.Parameters.Length).Where(index => shape.Parameters[index].Kind == ParameterKind.Payload)];
        _takesWholeObject = _payloads is [var only] && shape.Parameters[only].Codec!.IsObject;
    }

    /// <summary>Reads parameters: an array by position; an object by name, or as a whole when the method's only parameter is an object.</summary>
    /// <exception cref="RpcException">They do not fit.</exception>
    public object?[] Bind(ReadOnlySpan<byte> json, in WireScope scope, int maxDepth)
    {
        var arguments = new object?[_shape.Parameters.Length];
        try
        {
            Read(json, arguments, scope, maxDepth);
            return arguments;
        }
        catch
        {
            // A stream among those that fit would stay open.
            GiveUp(arguments);
            throw;
        }
    }

    /// <summary>Tells the peer that nobody will read the streams and sequences among arguments.</summary>
    public static void GiveUp(object?[] arguments)
    {
        foreach (var argument in arguments)
        {
            (argument as IHeldByPeer)?.GiveUp();
        }
    }

    private void Read(ReadOnlySpan<byte> json, object?[] arguments, in WireScope scope, int maxDepth)
    {
        var given = 0UL;
        if (!json.IsEmpty)
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                given = BindByPosition(ref reader, arguments, scope);
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                given = BindByName(ref reader, arguments, scope);
            }
        }

        FillMissing(arguments, given);
    }

    /// <summary>Makes the arguments from those that another side of the same process passed, in the order of the payloads.</summary>
    /// <exception cref="RpcException">They do not fit.</exception>
    public object?[] Bind(ReadOnlySpan<object?> passed, PayloadSerializer sender)
    {
        var arguments = new object?[_shape.Parameters.Length];
        var given = 0UL;
        for (var i = 0; i < passed.Length; i++)
        {
            var index = IndexOf(i);
            var parameter = _shape.Parameters[index];
            try
            {
                arguments[index] = parameter.Codec!.ConvertObject(passed[i], sender);
            }
            catch (Exception e) when (e is not RpcException)
            {
                throw Misfit(parameter, e);
            }

            given |= 1UL << index;
        }

        FillMissing(arguments, given);
        return arguments;
    }

    private ulong BindByPosition(ref Utf8JsonReader reader, object?[] arguments, in WireScope scope)
    {
        var given = 0UL;
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var index = IndexOf(i);
            arguments[index] = Read(ref reader, _shape.Parameters[index], scope);
            given |= 1UL << index;
        }

        return given;
    }

    private ulong BindByName(ref Utf8JsonReader reader, object?[] arguments, in WireScope scope)
    {
        if (_takesWholeObject)
        {
            var only = _payloads[0];
            arguments[only] = Read(ref reader, _shape.Parameters[only], scope);
            return 1UL << only;
        }

        var given = 0UL;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = -1;
            foreach (var candidate in _payloads)
            {
                index = _shape.Parameters[candidate].IsNamed(ref reader) ? candidate : index;
            }

            reader.Read();
            if (index < 0)
            {
                reader.Skip();
                continue;
            }

            arguments[index] = Read(ref reader, _shape.Parameters[index], scope);
            given |= 1UL << index;
        }

        return given;
    }

    private int IndexOf(int position) => position < _payloads.Length
        ? _payloads[position]
        : throw new RpcException(RpcErrorCodes.InvalidParams, $"{_shape.Name} takes {_payloads.Length} parameters, not more.");

    private object? Read(ref Utf8JsonReader reader, RpcParameter parameter, in WireScope scope)
    {
        try
        {
            var value = reader.TokenType == JsonTokenType.Null && parameter.IsOptional && !parameter.Type.IsValueType
                ? null
                : parameter.Codec!.ReadObject(ref reader, scope);
            return value;
        }
        catch (Exception e) when (e is not RpcException)
        {
            // Of whatever kind, since types read themselves.
            throw Misfit(parameter, e);
        }
    }

    /// <summary>What the peer may know: what is wrong with its value, but nothing of what else may go wrong in a type that reads itself.</summary>
    private RpcException Misfit(RpcParameter parameter, Exception e)
    {
        var reason = e is JsonException or ArgumentException or FormatException or OverflowException or InvalidOperationException or NotSupportedException
            ? $": {e.Message}"
            : ".";
        return new RpcException(RpcErrorCodes.InvalidParams, $"Parameter '{parameter.Name}' of {_shape.Name} does not fit{reason}", e);
    }

    private void FillMissing(object?[] arguments, ulong given)
    {
        foreach (var index in _payloads)
        {
            if ((given & (1UL << index)) != 0)
            {
                continue;
            }

            var parameter = _shape.Parameters[index];
            arguments[index] = parameter.IsOptional
                ? parameter.Default
                : throw new RpcException(RpcErrorCodes.InvalidParams, $"{_shape.Name} needs its parameter '{parameter.Name}'.");
        }
    }
}
