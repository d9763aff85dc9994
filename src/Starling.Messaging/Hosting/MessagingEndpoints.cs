namespace Starling.Messaging.Hosting;

/// <summary>What an application has said to its <see cref="MessagingBuilder"/>.</summary>
internal sealed class MessagingEndpoints
{
    public List<Action<IServiceProvider, RpcServices>> Offers { get; } = [];

    public List<string> Addresses { get; } = [];
}
