using System.Text.Json;

namespace Starling.Protocol.JsonRpc;

/// <summary>One message, taken apart; the parts are slices of its text. JSON-RPC 2.0, sections 4 and 5.</summary>
public readonly ref struct RpcMessage
{
    private RpcMessage(RpcMessageKind kind, RequestId id, string? problem)
    {
        Kind = kind;
        Id = id;
        Problem = problem;
    }

    /// <summary>What the message is.</summary>
    public RpcMessageKind Kind { get; }

    /// <summary>Its id; of an invalid message the one that could be read, else none.</summary>
    public RequestId Id { get; }

    /// <summary>What is wrong with an invalid message.</summary>
    public string? Problem { get; }

    /// <summary>Name of the method, as its JSON string without the quotes: escapes are still in it.</summary>
    public ReadOnlySpan<byte> Method { get; private init; }

    /// <summary>Whether <see cref="Method"/> holds escapes.</summary>
    public bool MethodIsEscaped { get; private init; }

    /// <summary>JSON of the parameters, of the result or of the error object; empty when there are no parameters.</summary>
    public ReadOnlySpan<byte> Content { get; private init; }

    /// <summary>
    /// The member <c>traceparent</c>, by which the sender of a request names its trace; empty when there is none. https://www.w3.org/TR/trace-context/
    /// </summary>
    public ReadOnlySpan<byte> TraceParent { get; private init; }

    /// <summary>The member <c>tracestate</c>; null when there is none.</summary>
    public string? TraceState { get; private init; }

    /// <summary>Takes a message apart. Members that it does not know are passed over.</summary>
    /// <param name="json">The whole JSON object.</param>
    /// <param name="maxDepth">Deepest nesting that is read.</param>
    /// <exception cref="JsonException">The text is not JSON, or nests too deeply.</exception>
    public static RpcMessage Parse(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            ReadToEnd(ref reader);
            return new RpcMessage(RpcMessageKind.Invalid, default, "A message must be a JSON object.");
        }

        var parts = default(Parts);
        string? problem = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            problem = parts.Read(ref reader, json) ?? problem;
        }

        ReadToEnd(ref reader);
        return Classify(in parts, problem);
    }

    /// <summary>Name of the method as text.</summary>
    public string MethodName()
    {
        if (!MethodIsEscaped)
        {
            return System.Text.Encoding.UTF8.GetString(Method);
        }

        var quoted = new byte[Method.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        Method.CopyTo(quoted.AsSpan(1));
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString()!;
    }

    private static void ReadToEnd(ref Utf8JsonReader reader)
    {
        // The reader itself refuses whatever follows the first value.
        while (reader.Read())
        {
        }
    }

    private static RpcMessage Classify(scoped in Parts parts, string? problem)
    {
        if (problem is not null || !parts.IsVersion2)
        {
            return new RpcMessage(RpcMessageKind.Invalid, parts.Id, problem ?? "The member \"jsonrpc\" must be \"2.0\".");
        }

        if (parts.HasMethod)
        {
            var kind = parts.Id.IsPresent ? RpcMessageKind.Request : RpcMessageKind.Notification;
            return new RpcMessage(kind, parts.Id, null)
            {
                Method = parts.Method,
                MethodIsEscaped = parts.MethodIsEscaped,
                Content = parts.Parameters,
                TraceParent = parts.TraceParent,
                TraceState = parts.TraceState,
            };
        }

        if (parts.Id.IsPresent && !parts.Error.IsEmpty)
        {
            return new RpcMessage(RpcMessageKind.Error, parts.Id, null) { Content = parts.Error };
        }

        if (parts.Id.IsPresent && !parts.Result.IsEmpty)
        {
            return new RpcMessage(RpcMessageKind.Result, parts.Id, null) { Content = parts.Result };
        }

        return new RpcMessage(RpcMessageKind.Invalid, parts.Id, "A message needs a method, or an id with either a result or an error.");
    }

    /// <summary>The members as they are met; their order is free, so nothing can be judged before the end.</summary>
    private ref struct Parts
    {
        public bool IsVersion2;
        public RequestId Id;
        public bool HasMethod;
        public bool MethodIsEscaped;
        public ReadOnlySpan<byte> Method;
        public ReadOnlySpan<byte> Parameters;
        public ReadOnlySpan<byte> Result;
        public ReadOnlySpan<byte> Error;
        public ReadOnlySpan<byte> TraceParent;
        public string? TraceState;

        public string? Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
        {
            if (reader.ValueTextEquals("jsonrpc"u8))
            {
                reader.Read();
                IsVersion2 = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                var id = RequestId.Read(ref reader);
                reader.Skip();
                Id = id ?? default;
                return id is null ? "The id must be a string, a number or null, and not longer than 256 bytes." : null;
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                reader.Read();
                HasMethod = reader.TokenType == JsonTokenType.String;
                Method = HasMethod ? reader.ValueSpan : default;
                MethodIsEscaped = HasMethod && reader.ValueIsEscaped;
                reader.Skip();
                return HasMethod ? null : "The method must be a string.";
            }
            else if (reader.ValueTextEquals("params"u8))
            {
                Parameters = Value(ref reader, json, out var first);
                return first is JsonTokenType.StartArray or JsonTokenType.StartObject or JsonTokenType.Null
                    ? null
                    : "The parameters must be an array or an object.";
            }
            else if (reader.ValueTextEquals("result"u8))
            {
                Result = Value(ref reader, json, out _);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                Error = Value(ref reader, json, out var first);

                // Some peers write both members and leave the one that does not count null.
                Error = first == JsonTokenType.Null ? default : Error;
                return first is JsonTokenType.StartObject or JsonTokenType.Null ? null : "The error must be an object.";
            }
            else if (reader.ValueTextEquals("traceparent"u8))
            {
                reader.Read();
                TraceParent = reader is { TokenType: JsonTokenType.String, ValueIsEscaped: false } ? reader.ValueSpan : default;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("tracestate"u8))
            {
                reader.Read();
                TraceState = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }

            return null;
        }

        private static ReadOnlySpan<byte> Value(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out JsonTokenType first)
        {
            reader.Read();
            first = reader.TokenType;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return json[start..(int)reader.BytesConsumed];
        }
    }
}
