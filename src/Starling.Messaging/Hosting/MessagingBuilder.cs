using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Starling.Messaging.Hosting;

/// <summary>Says what the application offers to its peers, where, and what it uses of theirs.</summary>
public sealed class MessagingBuilder
{
    internal MessagingBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Offers an interface. One object, made by the container, serves all peers.</summary>
    /// <typeparam name="TService">The interface.</typeparam>
    /// <typeparam name="TImplementation">Its implementation.</typeparam>
    public MessagingBuilder MapService<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.Interfaces)] TService,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>()
        where TService : class
        where TImplementation : class, TService
    {
        Services.TryAddSingleton<TImplementation>();
        return Map((provider, offered) => offered.Add<TService>(provider.GetRequiredService<TImplementation>()));
    }

    /// <summary>Offers one method by name.</summary>
    /// <param name="method">Its name on the wire.</param>
    /// <param name="handler">See <see cref="RpcServices.Add(string, Delegate)"/>.</param>
    public MessagingBuilder MapMethod(string method, Delegate handler) => Map((_, offered) => offered.Add(method, handler));

    /// <summary>Offers whatever is added to the given set.</summary>
    /// <param name="add">Adds it.</param>
    public MessagingBuilder Map(Action<IServiceProvider, RpcServices> add)
    {
        ArgumentNullException.ThrowIfNull(add);
        Services.Configure<MessagingEndpoints>(endpoints => endpoints.Offers.Add(add));
        return this;
    }

    /// <summary>Listens at an address while the application runs.</summary>
    /// <param name="address">See <see cref="Links.LinkAddress"/>.</param>
    public MessagingBuilder Listen(string address)
    {
        _ = Links.LinkAddress.Parse(address);
        Services.Configure<MessagingEndpoints>(endpoints => endpoints.Addresses.Add(address));
        return this;
    }

    /// <summary>
    /// Lets the application ask its container for an interface that a peer offers. The connection is made when it is first asked for, and made
    /// again when it is lost; calls wait for it, within their time-outs.
    /// </summary>
    /// <typeparam name="TService">The interface.</typeparam>
    /// <param name="address">Where the peer is; see <see cref="Links.LinkAddress"/>.</param>
    public MessagingBuilder AddClient<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TService>(string address)
        where TService : class
    {
        _ = Links.LinkAddress.Parse(address);
        Services.TryAddSingleton(provider => provider.GetRequiredService<ClientSet>().Get(address).GetService<TService>());
        return this;
    }
}
