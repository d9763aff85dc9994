using System.Text.Json;

namespace Starling.Apps.Cache.Links;

/// <summary>What all services have in common: they join before they work. One serves one connection, so each connection has to be joined.</summary>
/// <param name="options">Who it is.</param>
internal abstract class Member(MemberOptions options) : IMember, IDisposable
{
    private Handshake? _handshake;

    /// <summary>Why it has not joined, as main or it itself said; null when nobody refused.</summary>
    public string? Refusal { get; private set; }

    public Task<Introduction> IntroduceAsync(string nonce, CancellationToken cancellationToken)
    {
        var introduction = new Introduction(options.Role, options.Name, options.Runs, IsAttached: !options.WaitsForMain, Handshake.Nonce(), "");
        var handshake = _handshake = new Handshake(options.Key, nonce, introduction);
        return Task.FromResult(introduction with { Proof = handshake.OfService() });
    }

    public Task JoinAsync(string settings, string proof, CancellationToken cancellationToken)
    {
        // Taken away, so that a proof counts once.
        if (Interlocked.Exchange(ref _handshake, null) is not { } handshake || !Handshake.Matches(handshake.OfMain(settings), proof))
        {
            Refusal = $"main does not know the key ({MemberKey.Variable})";
            throw new CacheException(CacheError.NotJoined, Refusal);
        }

        Begin(JsonSerializer.Deserialize<MemberSettings>(settings, JsonSerializerOptions.Web) ?? throw new InvalidDataException("The settings are empty."));
        return Task.CompletedTask;
    }

    public Task RefuseAsync(string reason, CancellationToken cancellationToken)
    {
        Refusal ??= reason;
        return Task.CompletedTask;
    }

    public abstract void Dispose();

    /// <summary>Begins to work.</summary>
    protected abstract void Begin(MemberSettings settings);
}
