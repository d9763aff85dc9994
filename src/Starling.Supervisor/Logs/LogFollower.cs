using System.Threading.Channels;

namespace Starling.Supervisor.Logs;

/// <summary>
/// Gets lines from the moment on at which it was made, until it is disposed. It holds a bounded number of lines; one that reads too slowly loses lines, never
/// holds up a process, and finds the number of lost ones at the next line that it gets.
/// </summary>
public sealed class LogFollower : IDisposable
{
    private readonly Channel<LogLine> _lines;
    private readonly Func<LogLine, bool>? _filter;
    private readonly Action<LogFollower> _leave;
    private readonly Lock _gate = new();
    private long _lost;

    internal LogFollower(Func<LogLine, bool>? filter, int capacity, Action<LogFollower> leave)
    {
        _lines = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _filter = filter;
        _leave = leave;
    }

    /// <summary>The lines; completed by <see cref="Dispose"/>.</summary>
    public ChannelReader<LogLine> Lines => _lines.Reader;

    /// <summary>Ends it; lines that are held can still be read.</summary>
    public void Dispose()
    {
        _leave(this);
        _lines.Writer.TryComplete();
    }

    internal void Offer(LogLine line)
    {
        if (_filter?.Invoke(line) == false)
        {
            return;
        }

        lock (_gate)
        {
            if (_lines.Writer.TryWrite(_lost == 0 ? line : line with { Lost = _lost }))
            {
                _lost = 0;
            }
            else
            {
                _lost++;
            }
        }
    }
}
