using Starling.Messaging.Connections;

namespace Starling.Messaging.Payloads;

/// <inheritdoc/>
internal sealed class LocalSequence<T>(IAsyncEnumerable<T> source, Codec<T> codec) : LocalSequence
{
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IAsyncEnumerator<T>? _enumerator;
    private ValueTask<bool>? _ahead;

    public override async Task<SequenceBatch> NextAsync(WireConnection connection, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _ended.Token.ThrowIfCancellationRequested();
            _enumerator ??= source.GetAsyncEnumerator(_ended.Token);
            List<T> values = [];
            var next = _ahead ?? _enumerator.MoveNextAsync();
            _ahead = null;

            // The first value is worth waiting for; after it only those that are there already.
            while (values.Count == 0 || next.IsCompleted)
            {
                if (!await next)
                {
                    return Batch(values, isFinished: true, connection);
                }

                values.Add(_enumerator.Current);
                if (values.Count == MaxBatch)
                {
                    return Batch(values, isFinished: false, connection);
                }

                next = _enumerator.MoveNextAsync();
            }

            // A value task may be awaited once only, and the next call does that.
            _ahead = next.Preserve();
            return Batch(values, isFinished: false, connection);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _turn.WaitAsync();
        try
        {
            if (_ahead is { } ahead)
            {
                await ahead;
            }
        }
        catch (OperationCanceledException)
        {
            // This is how it ends when nobody wants the rest.
        }
        finally
        {
            if (_enumerator is not null)
            {
                await _enumerator.DisposeAsync();
            }

            // Whoever still waits for a turn finds that it has ended.
            _turn.Release();
        }
    }

    private SequenceBatch Batch(List<T> values, bool isFinished, WireConnection connection) => new(
        writer =>
        {
            writer.WriteStartArray();
            foreach (var value in values)
            {
                codec.Write(writer, value, new WireScope(connection, null));
            }

            writer.WriteEndArray();
        },
        isFinished);
}
