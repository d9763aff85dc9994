using System.Collections.Frozen;
using System.Text;

namespace Starling.Messaging.Services;

/// <summary>All methods that one side offers. Immutable.</summary>
internal sealed class ServiceTable
{
    private const int LongestName = 256;
    private readonly FrozenDictionary<string, ServiceMethod> _methods;
    private readonly FrozenDictionary<string, ServiceMethod>.AlternateLookup<ReadOnlySpan<char>> _byChars;
    private readonly Func<RpcConnection, object>[] _targets;

    public ServiceTable(IReadOnlyDictionary<string, ServiceMethod> methods, Func<RpcConnection, object>[] targets)
    {
        _methods = methods.ToFrozenDictionary(StringComparer.Ordinal);
        _byChars = _methods.GetAlternateLookup<ReadOnlySpan<char>>();
        _targets = targets;
    }

    public ServiceMethod? Find(string name) => _methods.GetValueOrDefault(name);

    /// <summary>Finds a method without making a string of its name.</summary>
    public ServiceMethod? Find(ReadOnlySpan<byte> name)
    {
        Span<char> chars = stackalloc char[LongestName];
        return name.Length <= LongestName && Encoding.UTF8.TryGetChars(name, chars, out var length)
            && _byChars.TryGetValue(chars[..length], out var method)
            ? method
            : null;
    }

    /// <summary>Makes the objects that serve one connection.</summary>
    public object[] CreateTargets(RpcConnection connection) => [.. _targets.Select(create => create(connection))];
}
