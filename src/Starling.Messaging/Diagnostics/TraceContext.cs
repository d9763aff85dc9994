using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Starling.Protocol.Buffers;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Diagnostics;

/// <summary>
/// Carries the trace of a caller to its peer: the members <c>traceparent</c> and <c>tracestate</c> of a message, as StreamJsonRpc has them. Their values are those of
/// the W3C's Trace Context.
/// </summary>
internal static class TraceContext
{
    private const int LongestParent = 55;
    private const int LongestState = 512;

    private static readonly ActivitySource Source = new("Starling.Messaging");

    /// <summary>Adds the members to a message when its sender is traced.</summary>
    public static void Write(PooledBuffer output)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity)
        {
            output.Write(",\"traceparent\":\""u8);
            WriteAscii(output, id);
            if (activity.TraceStateString is { Length: > 0 and <= LongestState } state)
            {
                output.Write("\",\"tracestate\":\""u8);
                output.Write(JsonEncodedText.Encode(state).EncodedUtf8Bytes);
            }

            output.Write("\""u8);
        }
    }

    /// <summary>Makes the activity of a request whose caller is traced, not started; null for others.</summary>
    public static Activity? Read(in RpcMessage message, string method)
    {
        if (message.TraceParent.Length != LongestParent
            || !ActivityContext.TryParse(Encoding.ASCII.GetString(message.TraceParent), message.TraceState is { Length: <= LongestState } state ? state : null, isRemote: true, out var caller))
        {
            return null;
        }

        // Without a listener it is made all the same: logs name the trace, and it goes on to further peers.
        if (Source.CreateActivity(method, ActivityKind.Server, caller) is { } activity)
        {
            activity.SetTag("rpc.system", "jsonrpc");
            activity.SetTag("rpc.method", method);
            return activity;
        }

        return new Activity(method) { TraceStateString = caller.TraceState }.SetParentId(caller.TraceId, caller.SpanId, caller.TraceFlags);
    }

    private static void WriteAscii(PooledBuffer output, string text)
    {
        var span = output.GetSpan(text.Length);
        output.Advance(Encoding.ASCII.GetBytes(text, span));
    }
}
