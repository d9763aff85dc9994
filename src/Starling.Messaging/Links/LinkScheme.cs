namespace Starling.Messaging.Links;

/// <summary>What carries a link.</summary>
public enum LinkScheme
{
    /// <summary>Memory of this process.</summary>
    InProcess,

    /// <summary>A Unix domain socket.</summary>
    Unix,

    /// <summary>A named pipe.</summary>
    Pipe,

    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>TLS over TCP.</summary>
    Tls,

    /// <summary>QUIC.</summary>
    Quic,

    /// <summary>The standard streams of this process.</summary>
    StandardStreams,
}
