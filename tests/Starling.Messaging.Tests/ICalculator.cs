namespace Starling.Messaging.Tests;

/// <summary>One method of every kind.</summary>
public interface ICalculator
{
    Task<int> AddAsync(int a, int b);

    ValueTask<string> JoinAsync(string[] parts, string separator = ", ");

    Task FailAsync(int code);

    Task CrashAsync();

    Task<bool> WaitAsync(CancellationToken cancellationToken);

    Task<int> CountAsync(int to, IProgress<int> progress);

    IAsyncEnumerable<int> RangeAsync(int from, int count, CancellationToken cancellationToken);

    Task<long> SumAsync(IAsyncEnumerable<int> values);

    Task<Point> MoveAsync(Point point, int dx, int dy);

    void Remember(string text);

    Task<string[]> RecallAsync();
}
