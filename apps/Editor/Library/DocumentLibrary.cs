using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Starling.Documents;
using Starling.Documents.Hosting;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Apps.Editor.Library;

/// <summary>Finds, creates, renames and deletes texts. Thread-safe, also across servers of one store.</summary>
/// <remarks>
/// A name is a document of its own, whose creation succeeds once: that is what keeps names unique. It is made before the text has it and
/// stays when the text is renamed, so that links of old go on working, until another text is given that name. A change takes several steps;
/// once it has begun it is made whole, whether or not the caller still waits.
/// </remarks>
internal sealed class DocumentLibrary(IDocumentService documents, TimeProvider time)
{
    public const int MaxDocuments = 1000;

    private const string Json = "json0";
    private const int IdBytes = 12;

    /// <summary>A name whose text is not there yet is being given to it; after this time whoever did that has failed.</summary>
    private static readonly TimeSpan CreationTime = TimeSpan.FromMinutes(1);

    /// <exception cref="EditorException">There is no such text.</exception>
    public async Task<Found> FindAsync(DocumentName name, CancellationToken cancellationToken) =>
        await TryFindAsync(name, cancellationToken)
        ?? throw new EditorException(404, "unknown", $"There is no document named '{name.Text}'.");

    /// <summary>Creates an empty text.</summary>
    /// <exception cref="EditorException">The name is taken, or there are too many texts.</exception>
    public async Task<Found> CreateAsync(DocumentName name, string by, CancellationToken cancellationToken)
    {
        if ((await documents.QueryAsync(Collections.Entries, new DocumentQuery { Limit = MaxDocuments }, cancellationToken)).Count >= MaxDocuments)
        {
            throw new EditorException(503, "full", $"There are {MaxDocuments} documents, which is as many as there may be. Delete one first.");
        }

        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        cancellationToken.ThrowIfCancellationRequested();
        await TakeNameAsync(name, id, CancellationToken.None);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await documents.SubmitAsync(
            new DocumentKey(Collections.Texts, id),
            DocumentChange.Create("rich-text", "[{\"insert\":\"\\n\"}]"u8.ToArray()) with { Author = by },
            CancellationToken.None);
        var entry = new Entry(name.Text, now, by, now, by);
        await CreateAsync(Collections.Entries, id, JsonSerializer.SerializeToUtf8Bytes(entry, EditorJson.Default.Entry), CancellationToken.None);
        return new Found(id, name.Text);
    }

    /// <summary>Gives a text another name. The old one goes on leading to it.</summary>
    /// <exception cref="EditorException">There is no such text, or the new name is taken.</exception>
    public async Task<Found> RenameAsync(DocumentName from, DocumentName to, CancellationToken cancellationToken)
    {
        var found = await FindAsync(from, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        await TakeNameAsync(to, found.Document, CancellationToken.None);
        await documents.SubmitAsync(
            new DocumentKey(Collections.Entries, found.Document),
            Json0Edit.Replace("name", found.Name, to.Text),
            CancellationToken.None);
        return found with { Name = to.Text };
    }

    /// <summary>Deletes a text; everybody who has it open sees that.</summary>
    /// <exception cref="EditorException">There is no such text.</exception>
    public async Task DeleteAsync(DocumentName name, string by, CancellationToken cancellationToken)
    {
        var found = await FindAsync(name, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();

        // The text first: while the entry is there, a deletion that broke off can be made again.
        await TryDeleteAsync(new DocumentKey(Collections.Texts, found.Document), by);
        await TryDeleteAsync(new DocumentKey(Collections.Entries, found.Document), by);
    }

    /// <summary>What is known of a text, or null.</summary>
    public async Task<Entry?> EntryAsync(string id, CancellationToken cancellationToken) =>
        await documents.FetchAsync(new DocumentKey(Collections.Entries, id), cancellationToken) is { Type: not null } entry
            ? JsonSerializer.Deserialize(entry.Data.Span, EditorJson.Default.Entry)
            : null;

    private async Task<Found?> TryFindAsync(DocumentName name, CancellationToken cancellationToken) =>
        await TargetAsync(name, cancellationToken) is { } id && await EntryAsync(id, cancellationToken) is { } entry
            ? new Found(id, entry.Name)
            : null;

    private async Task<string?> TargetAsync(DocumentName name, CancellationToken cancellationToken) =>
        Target(await documents.FetchAsync(new DocumentKey(Collections.Names, name.Key), cancellationToken));

    private static string? Target(DocumentSnapshot name) =>
        name.Type is null ? null : JsonSerializer.Deserialize(name.Data.Span, EditorJson.Default.NameTarget)!.Document;

    private async Task TakeNameAsync(DocumentName name, string id, CancellationToken cancellationToken)
    {
        var key = new DocumentKey(Collections.Names, name.Key);
        var held = await documents.FetchAsync(key, cancellationToken);
        try
        {
            if (Target(held) is { } holder && holder != id)
            {
                if (await IsHeldAsync(name, held, holder, cancellationToken))
                {
                    throw Taken(name);
                }

                // As it was when it was looked at: if somebody else has taken it meanwhile, this is refused.
                await documents.SubmitAsync(key, DocumentChange.Delete() with { BaseVersion = held.Version }, cancellationToken);
            }

            await CreateAsync(key.Collection, key.Id, JsonSerializer.SerializeToUtf8Bytes(new NameTarget(id), EditorJson.Default.NameTarget), cancellationToken);
        }
        catch (DocumentException exception) when (
            exception.Code is DocumentErrors.AlreadyCreated or DocumentErrors.WasDeleted or DocumentErrors.DoesNotExist)
        {
            if (Target(await documents.FetchAsync(key, cancellationToken)) != id)
            {
                throw Taken(name);
            }
        }
    }

    /// <summary>Whether a name stands for a text that has it, or that is just being made.</summary>
    private async Task<bool> IsHeldAsync(DocumentName name, DocumentSnapshot held, string holder, CancellationToken cancellationToken)
    {
        var entry = await documents.FetchAsync(new DocumentKey(Collections.Entries, holder), cancellationToken);
        if (entry.Version == 0)
        {
            return time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(held.CreatedTime) < CreationTime;
        }

        return entry.Type is not null
            && DocumentName.Parse(JsonSerializer.Deserialize(entry.Data.Span, EditorJson.Default.Entry)!.Name).Key == name.Key;
    }

    private async Task TryDeleteAsync(DocumentKey key, string by)
    {
        try
        {
            await documents.SubmitAsync(key, DocumentChange.Delete() with { Author = by }, CancellationToken.None);
        }
        catch (DocumentException exception) when (exception.Code is DocumentErrors.DoesNotExist or DocumentErrors.WasDeleted)
        {
            // Somebody else was quicker.
        }
    }

    private Task<DocumentOperation> CreateAsync(string collection, string id, byte[] data, CancellationToken cancellationToken) =>
        documents.SubmitAsync(new DocumentKey(collection, id), DocumentChange.Create(Json, data), cancellationToken);

    private static EditorException Taken(DocumentName name) =>
        new(409, "taken", $"There is a document named '{name.Text}' already. Open that one, or choose another name.");
}
