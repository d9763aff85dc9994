using System.Runtime.CompilerServices;

namespace Starling.Messaging.Tests;

internal sealed class Calculator : ICalculator
{
    private readonly List<string> _remembered = [];

    public TaskCompletionSource WaitBegan { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource WaitCancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource RangeEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Produced { get; private set; }

    public Task<int> AddAsync(int a, int b) => Task.FromResult(a + b);

    public ValueTask<string> JoinAsync(string[] parts, string separator) => new(string.Join(separator, parts));

    public Task FailAsync(int code) => throw new RpcException(code, "As you wished.");

    public async Task CrashAsync()
    {
        await Task.Yield();
        throw new InvalidOperationException("a secret");
    }

    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        WaitBegan.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            WaitCancelled.TrySetResult();
        }

        return true;
    }

    public async Task<int> CountAsync(int to, IProgress<int> progress)
    {
        for (var i = 1; i <= to; i++)
        {
            progress.Report(i);
            await Task.Yield();
        }

        return to;
    }

    public async IAsyncEnumerable<int> RangeAsync(int from, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                if (i % 100 == 0)
                {
                    await Task.Yield();
                }

                cancellationToken.ThrowIfCancellationRequested();
                Produced++;
                yield return from + i;
            }
        }
        finally
        {
            RangeEnded.TrySetResult();
        }
    }

    public async Task<long> SumAsync(IAsyncEnumerable<int> values)
    {
        var sum = 0L;
        await foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }

    public Task<Point> MoveAsync(Point point, int dx, int dy) => Task.FromResult(new Point(point.X + dx, point.Y + dy));

    public void Remember(string text)
    {
        lock (_remembered)
        {
            _remembered.Add(text);
        }
    }

    public Task<string[]> RecallAsync()
    {
        lock (_remembered)
        {
            return Task.FromResult(_remembered.ToArray());
        }
    }
}
