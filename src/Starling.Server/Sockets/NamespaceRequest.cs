using System.Text.Json;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>A client's wish to join a namespace that does not exist yet.</summary>
/// <param name="Name">The namespace's name.</param>
/// <param name="Handshake">The request that opened the client's connection.</param>
/// <param name="Auth">What the client sent with the wish.</param>
public sealed record NamespaceRequest(string Name, Handshake Handshake, JsonElement Auth);
