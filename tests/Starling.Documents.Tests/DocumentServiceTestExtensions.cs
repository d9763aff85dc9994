using System.Text;
using Starling.Documents.Hosting;
using Starling.Documents.Storage;

namespace Starling.Documents.Tests;

internal static class DocumentServiceTestExtensions
{
    public static async Task<string> FetchTextAsync(this IDocumentService documents, string collection, string id) =>
        (await documents.FetchAsync(new DocumentKey(collection, id), TestContext.Current.CancellationToken)).Text();

    public static string Text(this DocumentSnapshot snapshot) => Encoding.UTF8.GetString(snapshot.Data.Span);

    public static Task<DocumentOperation> CreateAsync(this IDocumentService documents, DocumentKey key, string type, string data) =>
        documents.SubmitAsync(key, DocumentChange.Create(type, Encoding.UTF8.GetBytes(data)), TestContext.Current.CancellationToken);

    public static Task<DocumentOperation> EditAsync(
        this IDocumentService documents, DocumentKey key, string operation, string? author = null, long? version = null) =>
        documents.SubmitAsync(
            key, DocumentChange.Edit(Encoding.UTF8.GetBytes(operation)) with { Author = author, BaseVersion = version },
            TestContext.Current.CancellationToken);
}
