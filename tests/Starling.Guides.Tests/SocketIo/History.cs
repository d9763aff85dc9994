using System.Collections.Concurrent;

namespace Starling.Guides.Tests.SocketIo;

/// <summary>What was said.</summary>
public sealed class History
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IEnumerable<string> Lines => _lines;

    public void Add(string line) => _lines.Enqueue(line);
}
