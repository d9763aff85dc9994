using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Documents;
using Starling.Documents.Hosting;
using Starling.Documents.Middleware;

namespace Starling.Apps.Editor.Library;

/// <summary>Writes into a text's entry when and by whom it was edited, every few seconds at most, so that a key press costs one write and not two.</summary>
internal sealed class EditedMarks(IDocumentService documents, DocumentLibrary library, TimeProvider time, ILogger<EditedMarks> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (long At, string By)> _edits = new(StringComparer.Ordinal);

    /// <summary>Notes an edit; a step of the stage <see cref="DocumentMiddleware.AfterWrite"/>.</summary>
    public void Note(AfterWriteContext context)
    {
        if (context.Key.Collection == Collections.Texts && context.Operation is { Kind: Documents.Storage.OperationKind.Edit, Author: { } author })
        {
            _edits[context.Key.Id] = (context.Operation.Time, author);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // What is left is written when the server stops.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var id in _edits.Keys)
        {
            if (!_edits.TryRemove(id, out var edit))
            {
                continue;
            }

            try
            {
                if (await library.EntryAsync(id, cancellationToken) is { } entry)
                {
                    await documents.SubmitAsync(
                        new DocumentKey(Collections.Entries, id),
                        Json0Edit.Replace(("editedAt", entry.EditedAt, edit.At), ("editedBy", entry.EditedBy, edit.By)),
                        cancellationToken);
                }
            }
            catch (DocumentException exception)
            {
                // The list shows an older time until the next edit.
                log.EditNotMarked(id, exception);
            }
        }
    }
}
