namespace Starling.Server.Transports;

/// <summary>How the payloads of a polling client look.</summary>
internal enum PollingFormat
{
    /// <summary>Engine.IO protocol 4.</summary>
    Version4,

    /// <summary>Engine.IO protocol 3; payloads with binary packets are binary.</summary>
    Version3,

    /// <summary>Engine.IO protocol 3 for a client that reads text only (<c>b64=1</c>).</summary>
    Version3Base64,
}
