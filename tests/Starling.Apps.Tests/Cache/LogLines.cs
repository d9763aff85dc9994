using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Starling.Apps.Tests.Cache;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text, Exception? Exception)> _lines = new();

    public IReadOnlyCollection<(int Id, string Text, Exception? Exception)> All => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, formatter(state, exception), exception));

    public void Dispose()
    {
    }
}
