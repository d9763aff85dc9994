using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Starling.Server.Tests;

/// <summary>Keeps the events that a server logs, with their numbers.</summary>
internal sealed class LogCapture : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(int Id, string Text)> Lines { get; } = new();

    public bool Has(int id, string text) => Lines.Any(line => line.Id == id && line.Text.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId.Id, formatter(state, exception) + exception));

    public void Dispose()
    {
    }
}
