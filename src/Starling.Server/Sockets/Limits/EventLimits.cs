using System.Diagnostics.CodeAnalysis;
using System.Text;
using Starling.Server.Sockets.Events;

namespace Starling.Server.Sockets.Limits;

/// <summary>The limits that a namespace has for events of certain names. Reading is lock-free; adding copies, since it is rare.</summary>
internal sealed class EventLimits
{
    private readonly Lock _gate = new();
    private volatile Dictionary<byte[], RateLimit> _limits = new(Utf8Comparer.Instance);

    public bool IsEmpty => _limits.Count == 0;

    public void Set(string name, RateLimit limit)
    {
        lock (_gate)
        {
            _limits = new Dictionary<byte[], RateLimit>(_limits, Utf8Comparer.Instance) { [Encoding.UTF8.GetBytes(name)] = limit };
        }
    }

    public bool TryFind(ReadOnlySpan<byte> name, [NotNullWhen(true)] out RateLimit? limit) =>
        _limits.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out limit);
}
