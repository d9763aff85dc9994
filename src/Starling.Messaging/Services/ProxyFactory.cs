using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Starling.Messaging.Calls;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Services;

/// <summary>Makes proxies; what it learns of an interface it keeps. Owner: a client or a server, for its life. Thread-safe.</summary>
internal sealed class ProxyFactory(PayloadSerializer serializer)
{
    private readonly ConcurrentDictionary<Type, FrozenDictionary<MethodInfo, ProxyMethod>> _interfaces = new();

    public TService Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TService>(RpcPeer peer, TimeSpan timeout)
        where TService : class
    {
        if (!_interfaces.TryGetValue(typeof(TService), out var methods))
        {
            methods = ServiceInterface.Methods(typeof(TService)).ToFrozenDictionary(method => method, Create);
            _interfaces.TryAdd(typeof(TService), methods);
        }

        var proxy = DispatchProxy.Create<TService, ServiceProxy>();
        ((ServiceProxy)(object)proxy).Set(peer, methods, timeout);
        return proxy;
    }

    private ProxyMethod Create(MethodInfo method)
    {
        var shape = MethodShape.OfInterface(method, serializer);
        var type = shape.Return == ReturnKind.Sequence
            ? typeof(ProxySequence<>).MakeGenericType(shape.ResultType.GetGenericArguments()[0])
            : typeof(ProxyMethod<>).MakeGenericType(shape.ResultType);
        return (ProxyMethod)Activator.CreateInstance(type, shape)!;
    }
}
