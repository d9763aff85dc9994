namespace Starling.Apps.Cache.Links;

/// <summary>What all services have in common: they join before they work.</summary>
internal abstract class Member : IMember, IAsyncDisposable
{
    private readonly Lock _gate = new();

    /// <summary>What must be known to be joined with; null where the link itself keeps strangers out.</summary>
    public MemberKey? Key { get; init; }

    /// <summary>What this is, for people.</summary>
    public required string Runs { get; init; }

    /// <summary>Why main was refused last; null when it was not.</summary>
    public string? Refusal { get; private set; }

    public Task<Membership> JoinAsync(MemberSettings settings, string challenge, string proof, CancellationToken cancellationToken)
    {
        if (Key is not null && !Key.Accepts("main", challenge, proof))
        {
            Refusal = $"main and this service do not know the same key ({MemberKey.Variable})";
            throw new CacheException(CacheError.NotJoined, Refusal);
        }

        Refusal = null;

        lock (_gate)
        {
            Begin(settings);
        }

        return Task.FromResult(new Membership(Key?.Prove("member", challenge) ?? "", Runs));
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Begins to work, or goes on.</summary>
    protected abstract void Begin(MemberSettings settings);
}
