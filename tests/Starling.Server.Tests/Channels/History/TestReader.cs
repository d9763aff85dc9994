using Starling.Server.Channels;
using Starling.Server.Channels.History;

namespace Starling.Server.Tests.Channels.History;

/// <summary>A reader of all topics, or of some, that reads to the end.</summary>
internal sealed class TestReader(Cursor cursor, params string[] topics) : IHistoryReader
{
    public Cursor Cursor { get; set; } = cursor;

    public long ScannedThrough { get; set; }

    public bool WantsEarliest { get; init; }

    public Func<Publication, bool>? Filter { get; init; }

    public IReadOnlyList<string>? Topics => topics.Length > 0 ? topics : null;

    public bool IsNew(Publication publication) => publication.Offset > Cursor.OffsetOf(publication.Epoch);

    public bool WantsTopic(string topic) => topics.Length == 0 || topics.Contains(topic);

    public bool Wants(Publication publication) =>
        IsNew(publication) && publication.Update.Topics.Any(WantsTopic) && Filter?.Invoke(publication) != false;

    /// <summary>Reads what there is.</summary>
    public async Task<(List<Publication> Publications, bool HasGap)> ReadAsync(PublicationHistory history, CancellationToken cancellationToken = default)
    {
        var all = new List<Publication>();
        var hasGap = false;
        do
        {
            var result = await history.ReadAsync(this, all, int.MaxValue, cancellationToken);
            hasGap |= result.HasGap;
        }
        while (!history.IsEnd(ScannedThrough));
        return (all, hasGap);
    }
}
