namespace Starling.Server.Channels.Http;

/// <summary>The catalogue of refusals.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Title">What went wrong, in general.</param>
/// <param name="BearerError">The <c>error</c> of the Bearer challenge (RFC 6750, section 3.1), or null for none.</param>
/// <param name="HasChallenge">Whether the answer carries a Bearer challenge.</param>
internal sealed record ChannelError(int Status, string Title, string? BearerError = null, bool HasChallenge = false)
{
    public static readonly ChannelError BadRequest = new(400, "Bad request");
    public static readonly ChannelError BadToken = new(400, "The access token is presented in a wrong way", "invalid_request", HasChallenge: true);
    public static readonly ChannelError TokenMissing = new(401, "An access token is needed", HasChallenge: true);
    public static readonly ChannelError TokenInvalid = new(401, "The access token is not valid", "invalid_token", HasChallenge: true);
    public static readonly ChannelError Forbidden = new(403, "The access token does not allow this", "insufficient_scope", HasChallenge: true);
    public static readonly ChannelError Denied = new(403, "The policy of this hub does not allow this");
    public static readonly ChannelError OriginRefused = new(403, "Pages of this origin may not do this");
    public static readonly ChannelError NotFound = new(404, "There is no such thing here");
    public static readonly ChannelError MethodNotAllowed = new(405, "The method is not supported here");
    public static readonly ChannelError TooLarge = new(413, "The request is too large");
    public static readonly ChannelError UnsupportedMediaType = new(415, "The body has a media type that is not understood");
    public static readonly ChannelError TooMany = new(429, "Too many subscribers");
    public static readonly ChannelError Unavailable = new(503, "The hub cannot do this now");

    /// <summary>Whether the same request may do better later.</summary>
    public bool IsTemporary => Status is 429 or 503;
}
