using Starling.Messaging;

namespace Starling.Apps.Cache;

/// <summary>Something that was asked for and is refused, or failed for a reason worth naming. It passes between the services unchanged.</summary>
/// <param name="error">Why.</param>
/// <param name="message">For people: what is wrong and what can be done, in one line.</param>
/// <param name="innerException">What led to it; never sent.</param>
public sealed class CacheException(CacheError error, string message, Exception? innerException = null)
    : RpcException((int)error, message, innerException)
{
    /// <summary>Why.</summary>
    public CacheError Error { get; } = error;

    /// <summary>What another service answered, as it was meant; null when the error is not one of ours.</summary>
    internal static CacheException? From(RpcException exception) => exception as CacheException
        ?? (Enum.IsDefined((CacheError)exception.Code) ? new CacheException((CacheError)exception.Code, exception.Message, exception) : null);
}
