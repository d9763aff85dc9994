using System.Collections.Frozen;
using System.Reflection;
using Starling.Messaging.Calls;

namespace Starling.Messaging.Services;

/// <summary>Implements a service's interface by calls to a peer. Made by <see cref="DispatchProxy"/>, which needs it open for inheritance.</summary>
internal class ServiceProxy : DispatchProxy
{
    private FrozenDictionary<MethodInfo, ProxyMethod> _methods = FrozenDictionary<MethodInfo, ProxyMethod>.Empty;
    private RpcPeer _peer = null!;
    private TimeSpan _timeout;

    public void Set(RpcPeer peer, FrozenDictionary<MethodInfo, ProxyMethod> methods, TimeSpan timeout)
    {
        _peer = peer;
        _methods = methods;
        _timeout = timeout;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_methods.TryGetValue(targetMethod!, out var method))
        {
            return method.Call(_peer, args ?? [], _timeout);
        }

        // Only disposing is left. The connection is its client's, and other proxies use it: disposing a proxy ends nothing.
        return targetMethod!.DeclaringType == typeof(IAsyncDisposable) ? ValueTask.CompletedTask : null;
    }
}
