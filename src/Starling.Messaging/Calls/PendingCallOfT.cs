using System.Text.Json;
using Starling.Messaging.Connections;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Calls;

/// <inheritdoc/>
internal sealed class PendingCall<T>(string method, Codec<T> codec) : PendingCall(method)
{
    // Continuations run on the completing thread; CompletionQueue sees to it that this thread is free.
    private readonly TaskCompletionSource<T> _source = new();
    private Exception? _error;
    private T _result = default!;

    public Task<T> Task => _source.Task;

    public override bool MayOpenAtPeer => codec.MayOpenAtPeer;

    public override void DropResult(ReadOnlySpan<byte> json, WireConnection connection, int maxDepth)
    {
        SettleResult(json, connection, maxDepth);
        (_result as IHeldByPeer)?.GiveUp();
    }

    public override void SettleResult(ReadOnlySpan<byte> json, WireConnection connection, int maxDepth)
    {
        try
        {
            var reader = Reader(json, maxDepth);
            _result = codec.Read(ref reader, new WireScope(connection, null));
        }
        catch (RpcException e)
        {
            _error = e;
        }
        catch (Exception e)
        {
            // Of whatever kind, since types read themselves: a caller whose result cannot be read must not wait for ever.
            _error = new JsonException($"The result of {Method} is not a {typeof(T).Name}: {e.Message}", e);
        }
    }

    /// <summary>Takes a result that never was bytes.</summary>
    public void SettleValue(T result) => _result = result;

    public override void SettleError(Exception error) => _error = error;

    public override void Complete()
    {
        End(_error is not null);
        switch (_error)
        {
            case null:
                _source.TrySetResult(_result);
                break;
            case OperationCanceledException cancelled:
                _source.TrySetCanceled(cancelled.CancellationToken);
                break;
            default:
                _source.TrySetException(_error);
                break;
        }
    }
}
