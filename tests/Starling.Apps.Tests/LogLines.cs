using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Starling.Apps.Tests;

/// <summary>Keeps what is logged. Thread-safe.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(string Text, Exception? Exception)> _lines = new();

    public IReadOnlyCollection<(string Text, Exception? Exception)> All => _lines;

    public async Task<string> WaitForAsync(string part)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (_lines.Select(line => line.Text).FirstOrDefault(text => text.Contains(part, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }

            Assert.False(limit.IsCancellationRequested, $"There is no '{part}' in: {string.Join('\n', _lines)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((formatter(state, exception), exception));

    public void Dispose()
    {
    }
}
