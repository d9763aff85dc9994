namespace Starling.Apps.Exchange.Client.Model;

/// <summary>How a client stands with its exchange.</summary>
internal enum LinkState
{
    /// <summary>It tries for the first time.</summary>
    Connecting,

    /// <summary>It is signed in.</summary>
    Connected,

    /// <summary>The connection is lost or could not be had; it is tried again.</summary>
    Lost,

    /// <summary>The account is refused; nothing is tried any more.</summary>
    Refused,
}
