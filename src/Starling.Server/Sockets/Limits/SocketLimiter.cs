using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Starling.Server.Diagnostics;
using Starling.Server.Sockets.Events;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets.Limits;

/// <summary>
/// Decides whether an event of one socket is handled, before anything but its name is read. Used by the read loop only.
/// </summary>
internal sealed class SocketLimiter
{
    private readonly Socket _socket;
    private readonly TokenBucket? _bucket;
    private readonly UserBuckets? _users;
    private readonly string? _user;
    private Dictionary<RateLimit, TokenBucket>? _byEvent;

    public SocketLimiter(Socket socket)
    {
        var server = socket.Namespace.Server;
        _socket = socket;
        _bucket = server.Options.EffectiveSocketLimit is { } limit ? new TokenBucket(limit, server.Time) : null;
        _users = server.UserBuckets;
        _user = _users is null ? null : UserOf(socket);
    }

    public bool Admits(in EventCall call)
    {
        if (_bucket is { } bucket && bucket.Take() is var verdict && verdict != LimitVerdict.Admitted)
        {
            return Refuse(call, verdict, "socket", bucket.RetryAfter);
        }

        if (!_socket.Namespace.Handlers.Limits.IsEmpty && BucketOf(call) is { } named && (verdict = named.Take()) != LimitVerdict.Admitted)
        {
            return Refuse(call, verdict, "event", named.RetryAfter);
        }

        return _user is null || (verdict = _users!.Take(_user, out var retryAfter)) == LimitVerdict.Admitted
            || Refuse(call, verdict, "user", retryAfter);
    }

    private TokenBucket? BucketOf(in EventCall call)
    {
        Span<byte> scratch = stackalloc byte[EventName.MaxStackLength];
        if (!_socket.Namespace.Handlers.Limits.TryFind(EventName.Read(call.Array.Span, scratch), out var limit))
        {
            return null;
        }

        _byEvent ??= new Dictionary<RateLimit, TokenBucket>(ReferenceEqualityComparer.Instance);
        if (!_byEvent.TryGetValue(limit, out var bucket))
        {
            _byEvent[limit] = bucket = new TokenBucket(limit, _socket.Namespace.Server.Time);
        }

        return bucket;
    }

    private bool Refuse(in EventCall call, LimitVerdict verdict, string scope, TimeSpan retryAfter)
    {
        var owner = _socket.Namespace;
        owner.Server.Metrics.EventRefused(owner.Name, scope);
        if (verdict == LimitVerdict.Exceeded)
        {
            owner.Server.Logger.RateLimitExceeded(_socket.Id, owner.Name, scope);
            _socket.DisconnectForRate();
        }
        else if (call.AckId >= 0)
        {
            _ = _socket.SendAckAsync(call.AckId, new Arguments<JsonElement>(Answer(scope, retryAfter))).AsTask();
        }

        return false;
    }

    private static JsonElement Answer(string scope, TimeSpan retryAfter) => JsonElement.Parse(string.Create(
        CultureInfo.InvariantCulture, $$"""{"error":"rate limit exceeded","scope":"{{scope}}","retryAfter":{{retryAfter.TotalSeconds:0.###}}}"""));

    private static string? UserOf(Socket socket)
    {
        if (socket.Namespace.Server.Options.RateLimitUser is not { } userOf)
        {
            return socket.User.Identity is { IsAuthenticated: true } identity
                ? socket.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? identity.Name
                : null;
        }

        try
        {
            return userOf(socket);
        }
        catch (Exception exception)
        {
            socket.Namespace.Server.Logger.CallbackFailed(exception, nameof(SocketIOOptions.RateLimitUser), socket.Id);
            return null;
        }
    }
}
