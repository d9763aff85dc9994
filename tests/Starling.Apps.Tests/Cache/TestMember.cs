using System.Collections.Concurrent;
using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Tests.Cache;

/// <summary>A service that answers main as the test wants.</summary>
internal sealed class TestMember(string role, string name, MemberKey? key) : IMember
{
    private readonly TaskCompletionSource<string> _refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _joining = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Changes what it says of itself after it has proved the truth.</summary>
    public Func<Introduction, Introduction?> Introduce { get; init; } = introduction => introduction;

    /// <summary>What joining waits for.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Why main did not let it in.</summary>
    public Task<string> Refusal => _refusal.Task;

    /// <summary>Ends when main wants it to work.</summary>
    public Task Joining => _joining.Task;

    public Task<RpcClient> ConnectAsync(string address) => RpcClient.ConnectAsync(
        address,
        new RpcServices().Add<IMember>(this),
        new MessagingOptions { Identity = new PeerIdentity(name, role), Reconnect = false },
        TestContext.Current.CancellationToken);

    public Task<Introduction> IntroduceAsync(string nonce, CancellationToken cancellationToken)
    {
        Calls.Enqueue("introduce");
        var introduction = new Introduction(role, name, "a test", false, Handshake.Nonce(), "");
        return Task.FromResult(Introduce(introduction with { Proof = new Handshake(key, nonce, introduction).OfService() })!);
    }

    public Task JoinAsync(string settings, string proof, CancellationToken cancellationToken)
    {
        Calls.Enqueue("join");
        _joining.TrySetResult();
        return Gate;
    }

    public Task RefuseAsync(string reason, CancellationToken cancellationToken)
    {
        Calls.Enqueue("refuse");
        _refusal.TrySetResult(reason);
        return Task.CompletedTask;
    }
}
