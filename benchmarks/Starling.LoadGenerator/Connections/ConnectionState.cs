namespace Starling.LoadGenerator.Connections;

/// <summary>How far a connection has come; the steps are taken in this order.</summary>
internal enum ConnectionState
{
    /// <summary>TCP is being connected.</summary>
    Connecting,

    /// <summary>The upgrade request is sent.</summary>
    Upgrading,

    /// <summary>Waiting for the first message of the server.</summary>
    Opening,

    /// <summary>Waiting for the namespace to be joined, or the documents to be there.</summary>
    Joining,

    /// <summary>Events may be sent and received.</summary>
    Ready,

    /// <summary>Closed by us.</summary>
    Closed,
}
