using Microsoft.Extensions.Caching.Memory;
using Starling.Documents;
using Starling.Documents.History;
using Starling.Documents.Hosting;
using Starling.Documents.Storage;

namespace Starling.Apps.Editor.History;

/// <summary>Who wrote what when in a text.</summary>
internal sealed class TextHistory(IDocumentService documents, IDocumentHistory history, IMemoryCache cache)
{
    /// <summary>Edits of one person are one change when no more time lies between them, in milliseconds.</summary>
    private const long MaxPause = 60_000;

    private static readonly TimeSpan CacheTime = TimeSpan.FromMinutes(2);

    /// <summary>The changes from the beginning to now.</summary>
    public async Task<ChangeList> ChangesAsync(string id, CancellationToken cancellationToken)
    {
        var key = Key(id);
        var newest = await documents.FetchAsync(key, cancellationToken);
        var changes = new List<Change>();
        foreach (var operation in await OperationsAsync(key, 0, newest.Version, cancellationToken))
        {
            if (changes is [.., var last] && last.By == operation.Author && operation.Time - last.At <= MaxPause)
            {
                changes[^1] = last with { To = operation.Version + 1, At = operation.Time };
            }
            else
            {
                changes.Add(new Change(operation.Version, operation.Version + 1, operation.Time, operation.Author));
            }
        }

        return new ChangeList(newest.Version, changes);
    }

    /// <summary>The text at a version, each part of it with its author.</summary>
    /// <exception cref="EditorException">The text has not that version, or it is no longer kept.</exception>
    public async Task<AttributedText> AtAsync(string id, long version, CancellationToken cancellationToken)
    {
        var key = Key(id);
        var newest = await documents.FetchAsync(key, cancellationToken);
        if (version < 1 || version > newest.Version)
        {
            throw new EditorException(404, "bad-version", $"The document has the versions 1 to {newest.Version}.");
        }

        var attribution = cache.GetOrCreate(key, entry =>
        {
            entry.SlidingExpiration = CacheTime;
            return new Attribution((from, to, ending) => OperationsAsync(key, from, to, ending));
        })!;
        return await attribution.AtAsync(version, cancellationToken);
    }

    private async Task<IReadOnlyList<DocumentOperation>> OperationsAsync(DocumentKey key, long from, long to, CancellationToken cancellationToken)
    {
        try
        {
            return await history.OperationsAsync(key, from, to, cancellationToken);
        }
        catch (DocumentException exception) when (exception.Code == DocumentErrors.HistoryNotKept)
        {
            throw new EditorException(410, "not-kept", "The beginning of this document's history is no longer kept.");
        }
    }

    private static DocumentKey Key(string id) => new(Collections.Texts, id);
}
