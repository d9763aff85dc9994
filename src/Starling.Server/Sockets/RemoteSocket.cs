using System.Text.Json;

namespace Starling.Server.Sockets;

/// <summary>A socket of any node, as it was when it was asked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Rooms">The rooms it was in, its own among them.</param>
/// <param name="Address">Its client's address.</param>
/// <param name="Auth">What its client sent when it joined.</param>
/// <param name="Data">Its <see cref="Socket.Data"/>, as JSON.</param>
public sealed record RemoteSocket(string Id, IReadOnlyList<string> Rooms, string? Address, JsonElement Auth, JsonElement Data);
