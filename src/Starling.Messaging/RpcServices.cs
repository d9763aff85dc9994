using System.Diagnostics.CodeAnalysis;
using Starling.Messaging.Payloads;
using Starling.Messaging.Services;

namespace Starling.Messaging;

/// <summary>
/// What one side lets its peers call: interfaces, and methods by name. Fill it before it is given to a server or a client; it is read once.
/// </summary>
public sealed class RpcServices
{
    private readonly List<Action<PayloadSerializer, Dictionary<string, ServiceMethod>>> _entries = [];
    private readonly List<Func<RpcConnection, object>> _targets = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Offers the methods of an interface; one object serves all connections.</summary>
    /// <typeparam name="TService">The interface.</typeparam>
    /// <exception cref="ArgumentException">The interface cannot be called remotely; the message says why.</exception>
    /// <param name="service">Its implementation; called by many threads at a time.</param>
    /// <returns>This.</returns>
    public RpcServices Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.Interfaces)] TService>(
        TService service)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(service);
        return Add(_ => service);
    }

    /// <summary>Offers the methods of an interface; each connection gets an object of its own, which may call back over it.</summary>
    /// <typeparam name="TService">The interface.</typeparam>
    /// <exception cref="ArgumentException">The interface cannot be called remotely; the message says why.</exception>
    /// <param name="create">Makes the implementation. It is not disposed: await <see cref="RpcConnection.Completion"/> for that.</param>
    /// <returns>This.</returns>
    public RpcServices Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.Interfaces)] TService>(
        Func<RpcConnection, TService> create)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(create);
        var methods = ServiceInterface.Methods(typeof(TService)).ToList();
        Claim([.. methods.Select(MethodShape.NameOf)]);
        var target = _targets.Count;
        _targets.Add(create);
        _entries.Add((serializer, table) =>
        {
            foreach (var method in methods)
            {
                var shape = MethodShape.OfInterface(method, serializer);
                AddTo(table, new ServiceMethod(shape, target, Invoker.Compile(shape)));
            }
        });
        return this;
    }

    /// <summary>Offers one method.</summary>
    /// <param name="method">Its name on the wire.</param>
    /// <exception cref="ArgumentException">The name is taken or reserved, or a parameter is passed by reference.</exception>
    /// <param name="handler">
    /// Any delegate. Its parameters are the message's, and, where it asks for them, a <see cref="CancellationToken"/> and the
    /// <see cref="RpcConnection"/>; its result may be a value, a task, or a sequence.
    /// </param>
    /// <returns>This.</returns>
    public RpcServices Add(string method, Delegate handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(handler);
        MethodShape.CheckParameters(handler.Method);
        Claim([method]);
        _entries.Add((serializer, table) =>
        {
            var shape = MethodShape.OfHandler(method, handler.Method, serializer);
            AddTo(table, new ServiceMethod(shape, -1, Invoker.Compile(shape, handler)));
        });
        return this;
    }

    internal ServiceTable Build(PayloadSerializer serializer, SynchronizationContext? context)
    {
        var table = new Dictionary<string, ServiceMethod>(StringComparer.Ordinal);
        foreach (var entry in _entries)
        {
            entry(serializer, table);
        }

        if (context is not null)
        {
            table = table.ToDictionary(entry => entry.Key, entry => entry.Value.In(context), StringComparer.Ordinal);
        }

        return new ServiceTable(table, [.. _targets]);
    }

    private static void AddTo(Dictionary<string, ServiceMethod> table, ServiceMethod method) => table.Add(method.Shape.Name, method);

    /// <summary>Takes names, all or none.</summary>
    private void Claim(string[] names)
    {
        if (Array.Find(names, name => name.StartsWith("rpc.", StringComparison.Ordinal) || name.StartsWith("$/", StringComparison.Ordinal)) is { } reserved)
        {
            throw new ArgumentException($"Names that begin with 'rpc.' or '$/' are the protocol's own: {reserved}.");
        }

        var added = new HashSet<string>(StringComparer.Ordinal);
        if (Array.Find(names, name => _names.Contains(name) || !added.Add(name)) is { } taken)
        {
            throw new ArgumentException($"Two methods are named {taken}; set another name with [RpcMethod], or a prefix with [RpcService].");
        }

        _names.UnionWith(names);
    }
}
