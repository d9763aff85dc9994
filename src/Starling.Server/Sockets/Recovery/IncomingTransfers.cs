using Starling.Server.Backplane;

namespace Starling.Server.Sockets.Recovery;

/// <summary>Parts of answers and hand-overs that have come before the message that ends them. Used by the topic's handler only.</summary>
internal sealed class IncomingTransfers(long maxBytes, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Transfer> _transfers = new(StringComparer.Ordinal);

    public void Add(RecoveryPacketsMessage message)
    {
        var transfer = Get(message.TransferId);
        transfer.Bytes += message.Packets.Sum(RecoveryEncoding.SizeOf);
        if (transfer.Bytes <= 2 * maxBytes)
        {
            transfer.Packets.AddRange(message.Packets);
        }
        else
        {
            transfer.IsTooLarge = true;
        }
    }

    public void Add(RecoverySessionsMessage message) => Get(message.TransferId).Sessions.AddRange(message.Sessions);

    /// <summary>Takes the parts of a transfer that has ended; null when there was more than may be kept.</summary>
    public (List<RecoveryPacket> Packets, List<RecoverySession> Sessions)? Take(string transferId)
    {
        _transfers.Remove(transferId, out var transfer);
        return transfer is null ? ([], []) : transfer.IsTooLarge ? null : (transfer.Packets, transfer.Sessions);
    }

    private Transfer Get(string id)
    {
        if (_transfers.TryGetValue(id, out var known))
        {
            return known;
        }

        // Whoever ended in the middle of a transfer does not go on with it.
        var oldest = time.GetUtcNow() - Patience;
        foreach (var (other, transfer) in _transfers)
        {
            if (transfer.BeganAt < oldest)
            {
                _transfers.Remove(other);
            }
        }

        return _transfers[id] = new Transfer(time.GetUtcNow());
    }

    private sealed class Transfer(DateTimeOffset beganAt)
    {
        public DateTimeOffset BeganAt => beganAt;

        public List<RecoveryPacket> Packets { get; } = [];

        public List<RecoverySession> Sessions { get; } = [];

        public long Bytes { get; set; }

        public bool IsTooLarge { get; set; }
    }
}
