namespace Starling.Messaging;

/// <summary>
/// The connection ended before the answer came. Whether the call was carried out cannot be known; only the caller knows whether it may
/// be repeated.
/// </summary>
/// <param name="message">What ended the connection.</param>
/// <param name="innerException">The same as the system said it.</param>
public sealed class ConnectionLostException(string message, Exception? innerException = null) : IOException(message, innerException);
