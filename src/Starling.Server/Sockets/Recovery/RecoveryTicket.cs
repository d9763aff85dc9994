using System.Text.Json;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets.Recovery;

/// <summary>What a connected socket needs to be recovered once its client is lost.</summary>
/// <param name="id">The secret by which the client proves that it had the socket: the socket's id, a dot, and what cannot be guessed.</param>
/// <param name="offset">
/// The offset that the client brought. Until it has got an event it has no other one, and may come back with it to any node.
/// </param>
/// <param name="createdAt">When the client joined as a new one; nothing from before is for it.</param>
internal sealed class RecoveryTicket(string id, string? offset, DateTimeOffset createdAt)
{
    private TaskCompletionSource? _left;
    private bool _hasLeft;

    public string Id => id;

    public string? Offset => offset;

    public DateTimeOffset CreatedAt => createdAt;

    /// <summary>Where the log stood when the client came with <see cref="Offset"/>.</summary>
    public Standing Standing { get; set; }

    public Prelude? Prelude { get; init; }

    /// <summary>Completes when the socket has left its namespace and, if it can be recovered, is kept.</summary>
    public Task Left
    {
        get
        {
            lock (this)
            {
                if (_hasLeft)
                {
                    return Task.CompletedTask;
                }

                return (_left ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>Makes the ticket of a new socket.</summary>
    public static RecoveryTicket Create(string socketId, JsonElement auth, TimeProvider time)
    {
        var offset = auth.ValueKind == JsonValueKind.Object && auth.TryGetProperty("offset"u8, out var brought)
            && brought.ValueKind == JsonValueKind.String ? brought.GetString() : null;
        return new RecoveryTicket($"{socketId}.{SessionIds.Create()}", offset, time.GetUtcNow());
    }

    /// <summary>The id of the socket that a recovery id belongs to.</summary>
    public static string SocketIdOf(string recoveryId) =>
        recoveryId.LastIndexOf('.') is var dot and > 0 ? recoveryId[..dot] : "";

    public void SetLeft()
    {
        lock (this)
        {
            _hasLeft = true;
            _left?.SetResult();
        }
    }
}
