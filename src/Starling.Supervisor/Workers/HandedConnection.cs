namespace Starling.Supervisor.Workers;

/// <summary>The message with which a process gets a connection.</summary>
/// <param name="Listen">At which of its application's addresses it was accepted, from 0.</param>
/// <param name="Type">Tells this message from those of other applications.</param>
internal sealed record HandedConnection(int Listen, string Type = "starling:connection");
