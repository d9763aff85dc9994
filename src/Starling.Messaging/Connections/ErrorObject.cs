using System.Text.Json;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>Reads the error of an answer. JSON-RPC 2.0, section 5.1.</summary>
internal static class ErrorObject
{
    /// <summary>Never fails: the call that the error answers must end.</summary>
    public static RpcException Read(ReadOnlySpan<byte> json, int maxDepth)
    {
        try
        {
            return ReadStrictly(json, maxDepth);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new RpcException(RpcErrorCodes.InternalError, "The peer answered with an error that cannot be read.", e);
        }
    }

    private static RpcException ReadStrictly(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        var error = JsonElement.ParseValue(ref reader);
        var code = error.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value)
            ? value
            : RpcErrorCodes.InternalError;
        var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : "The peer gave no reason.";
        JsonElement? data = error.TryGetProperty("data", out var details) && details.ValueKind != JsonValueKind.Null ? details : null;
        return new RpcException(code, message) { ErrorData = data };
    }
}
