namespace Starling.Apps.Cache;

/// <summary>Why something was refused or failed. The numbers are on the wire between the services and are never used twice.</summary>
public enum CacheError
{
    /// <summary>The command is none, or is not written as it should be.</summary>
    BadCommand = 1,

    /// <summary>The address is no absolute http or https address.</summary>
    BadUrl = 2,

    /// <summary>The source is at an address that is not public, and <see cref="FetchLimits.AllowPrivate"/> is off.</summary>
    PrivateAddress = 3,

    /// <summary>The name of the source's host is not known.</summary>
    UnknownHost = 4,

    /// <summary>The source could not be reached, broke off, or spoke no HTTP.</summary>
    SourceFailed = 5,

    /// <summary>The source answered with a status that is no success; nothing is kept of it.</summary>
    SourceRefused = 6,

    /// <summary>The source was silent, or slow, for longer than allowed.</summary>
    TimedOut = 7,

    /// <summary>There are more redirects than allowed, or they go in a circle, or lead from https to http.</summary>
    BadRedirect = 8,

    /// <summary>The resource is larger than allowed.</summary>
    TooLarge = 9,

    /// <summary>There is no entry of this number, or no longer.</summary>
    NoEntry = 10,

    /// <summary>A service is not there, and did not come in time.</summary>
    ServiceAway = 11,

    /// <summary>Too much is waiting already.</summary>
    Busy = 12,

    /// <summary>An entry or a file could not be written or read.</summary>
    StorageFailed = 13,

    /// <summary>A service that registers does not know the key, or has been told nothing yet.</summary>
    NotJoined = 14,
}
