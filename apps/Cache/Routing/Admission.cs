using System.Text.Json;
using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Cache.Routing;

/// <summary>How one connection becomes a service, as main sees it: the service proves itself, then main does, and tells it its limits.</summary>
internal sealed class Admission(RpcConnection connection, MemberKey? key)
{
    /// <summary>How long a stranger may stay.</summary>
    private static readonly TimeSpan ProofLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(2);

    private Handshake? _handshake;

    /// <summary>Who it says it is; not to be believed before <see cref="IdentifyAsync"/> has returned.</summary>
    public Introduction? Claim { get; private set; }

    /// <summary>Asks who it is, and for its proof.</summary>
    /// <exception cref="CacheException">It does not know the key, or answered something else.</exception>
    public async Task<Introduction> IdentifyAsync()
    {
        var nonce = Handshake.Nonce();
        Claim = await connection.GetService<IMember>(ProofLimit).IntroduceAsync(nonce, CancellationToken.None);
        if (Claim is not { Role: not null, Name: not null, Runs: not null, Nonce: not null })
        {
            throw new CacheException(CacheError.NotJoined, "it did not say who it is");
        }

        var handshake = new Handshake(key, nonce, Claim);
        if (!Handshake.Matches(handshake.OfService(), Claim.Proof))
        {
            throw new CacheException(CacheError.NotJoined, $"it does not know the key ({MemberKey.Variable})");
        }

        _handshake = handshake;
        return Claim;
    }

    /// <summary>Lets it in.</summary>
    /// <exception cref="CacheException">It cannot work.</exception>
    public Task JoinAsync(MemberSettings settings, TimeSpan limit)
    {
        var text = JsonSerializer.Serialize(settings, JsonSerializerOptions.Web);
        return connection.GetService<IMember>(limit).JoinAsync(text, _handshake!.OfMain(text), CancellationToken.None);
    }

    /// <summary>Tells it why it is not let in, if it still listens, and hangs up.</summary>
    public async Task RefuseAsync(string reason)
    {
        try
        {
            await connection.GetService<IMember>(FarewellLimit).RefuseAsync(reason, CancellationToken.None);
        }
        catch (Exception e) when (e is RpcException or IOException or TimeoutException or JsonException)
        {
            // It does not want to know.
        }
        finally
        {
            connection.Abort();
        }
    }
}
