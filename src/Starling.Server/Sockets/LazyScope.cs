using Microsoft.Extensions.DependencyInjection;

namespace Starling.Server.Sockets;

/// <summary>A scope of services that is made when it is first used, and never again once it has ended. Thread-safe.</summary>
internal struct LazyScope
{
    private IServiceScope? _scope;

    /// <summary>The services.</summary>
    /// <exception cref="ObjectDisposedException">The scope has ended.</exception>
    public IServiceProvider Open(IServiceScopeFactory factory)
    {
        if (Volatile.Read(ref _scope) is { } present)
        {
            return present.ServiceProvider;
        }

        var created = factory.CreateScope();
        if (Interlocked.CompareExchange(ref _scope, created, null) is not { } other)
        {
            return created.ServiceProvider;
        }

        created.Dispose();
        return other.ServiceProvider;
    }

    /// <summary>Disposes the services.</summary>
    public ValueTask EndAsync()
    {
        switch (Interlocked.Exchange(ref _scope, EndedScope.Instance))
        {
            case IAsyncDisposable scope:
                return scope.DisposeAsync();
            case { } scope:
                scope.Dispose();
                return ValueTask.CompletedTask;
            default:
                return ValueTask.CompletedTask;
        }
    }
}
