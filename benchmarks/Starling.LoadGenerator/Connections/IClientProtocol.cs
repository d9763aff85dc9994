namespace Starling.LoadGenerator.Connections;

/// <summary>What a client does between the WebSocket's opening and being ready.</summary>
internal interface IClientProtocol
{
    /// <summary>Path and query of the WebSocket.</summary>
    string Path { get; }

    /// <summary>A message arrived at a client that is not ready; sets its state to ready when it is.</summary>
    /// <exception cref="LoadException">The message is not what the client waits for.</exception>
    void Join(Connection connection, ReadOnlySpan<byte> message);
}
